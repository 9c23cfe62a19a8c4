/**
 * Calls of a limiter with a time-out or a retry. Each attempt stands in line for itself: between two it has no place. One with a time limit
 * tells its caller at the moment, and has its place until the function has really settled.
 *
 * @module
 */
import { isThenable } from '../core/arguments.ts';
import { CallContext, type MaybePromise, type Thunk } from '../core/context.ts';
import { kernel } from '../core/kernel.ts';
import { OpenScope } from '../core/open-scope.ts';
import { currentToken } from '../core/token.ts';
import type { CallSite } from '../runtime/call-site.ts';
import type { LimiterAdmission } from './limiter-admission.ts';
import { type Ask, type Deadline, NONE } from './queued-call.ts';
import type { Course } from './retry-course.ts';
import type { RetryPolicy } from './retry-policy.ts';

/** What a call is given beside its turn. */
export interface CallRules {
  /** Milliseconds from the start of an attempt; Infinity for none. */
  readonly timeout: number;
  readonly retry: RetryPolicy | undefined;
}

/** What is known of one call. */
export interface CallFacts {
  /** Under which it runs. */
  readonly signal?: AbortSignal | undefined;
  /** Where it was made, if there is a time limit. */
  readonly site?: CallSite | undefined;
}

/** Runs a function through a limiter, as often as its rules allow. */
export function runByRules<R>(
  admission: LimiterAdmission,
  fn: Thunk<R>,
  ask: Ask,
  { timeout, retry }: CallRules,
  { signal, site }: CallFacts,
): Promise<R> {
  const course = retry?.begin(site);
  const whole = retry?.isTimed === true ? course : undefined;
  const attempts = new Attempts(admission, fn, ask, { timeout, whole, site });
  if (course === undefined) return attempts.timed(1);
  const isTimed = whole !== undefined || timeout !== Number.POSITIVE_INFINITY;
  return admission.series(() =>
    course.repeat({
      signal,
      make: (number) => (isTimed ? attempts.timed(number) : attempts.plain(number)),
      rest: (ms) => admission.rest(ms),
      // What the line says of a call that never started is no failure of the function.
      hasFailed: () => attempts.begun,
      // Another attempt would have to wait for one of its own, which may be for ever.
      mayRepeat: () => attempts.atWork === 0 || !admission.isFull,
    }),
  );
}

/** How long they may take, and where that was asked for. */
interface Limits {
  /** Milliseconds for each. */
  readonly timeout: number;
  /** Where there is a deadline for all. */
  readonly whole: Course | undefined;
  readonly site: CallSite | undefined;
}

/** What is known of one at work. */
interface Work {
  /** What the function gave. */
  running: unknown;
  /** Tells the caller. */
  readonly giveUp: (error: unknown) => void;
}

/** One function, as often as it is called. */
class Attempts<R> {
  /** Whether the last one has called the function. */
  begun = false;
  /** How many hold a place, though their time may be up. */
  atWork = 0;
  readonly #admission: LimiterAdmission;
  readonly #fn: Thunk<R>;
  readonly #ask: Ask;
  readonly #limits: Limits;

  constructor(admission: LimiterAdmission, fn: Thunk<R>, ask: Ask, limits: Limits) {
    this.#admission = admission;
    this.#fn = fn;
    this.#ask = ask;
    this.#limits = limits;
  }

  plain(number: number): Promise<R> {
    this.begun = false;
    const body = (): MaybePromise<R> => {
      this.begun = true;
      return this.#fn(new CallContext(currentToken(), 0, number));
    };
    return this.#admission.enter<R>(body, NONE, this.#ask);
  }

  /** The caller is told when it is over or its time is up; its place is free when the function has really settled. */
  timed(number: number): Promise<R> {
    this.begun = false;
    return new Promise<R>((resolve, reject) => {
      const body = async (): Promise<R> => {
        this.begun = true;
        this.atWork++;
        const work: Work = { running: undefined, giveUp: reject };
        const outcome = this.#run(number, work);
        outcome.then(resolve, reject);
        await settled(outcome);
        await settled(work.running);
        this.atWork--;
        return outcome;
      };
      this.#admission.enter(body, NONE, this.#ask, this.#inLine).catch(reject);
    });
  }

  /** The deadline of all, as long as a further attempt stands in line: the first stands there for as long as it takes. */
  get #inLine(): Deadline | undefined {
    const { whole } = this.#limits;
    if (whole === undefined || whole.deadline === Number.POSITIVE_INFINITY) return undefined;
    return { at: whole.deadline, error: () => whole.timeIsUp() };
  }

  /** In a scope with the time-out, which is inside one with the deadline of all. */
  #run(number: number, work: Work): Promise<R> {
    const { timeout, whole, site } = this.#limits;
    const name = this.#admission.label;
    const once = (outer?: OpenScope): Promise<R> =>
      OpenScope.run({ name, timeout }, (scope) => this.#call(number, work, scope, outer), site);
    // All that can be stuck is in the scope inside, which has its own grace.
    return whole?.run({ name, grace: Number.POSITIVE_INFINITY }, once) ?? once();
  }

  #call(number: number, work: Work, scope: OpenScope, outer?: OpenScope): MaybePromise<R> {
    const late = Promise.withResolvers<never>();
    late.promise.catch(nothing);
    const giveUp = (error: unknown): void => {
      work.giveUp(error);
      late.reject(error);
    };
    const { onCancel } = scope.token;
    // Instead of what the scope itself does then: it starts the time of grace.
    scope.token.onCancel = (cancelled) => {
      const startGrace = (): void => {
        if (scope.state !== 'closed') onCancel?.(cancelled);
      };
      const expired =
        outer?.timedOut === undefined ? scope.timedOut : this.#limits.whole?.timeIsUp();
      if (expired === undefined) {
        const at = Math.min(scope.deadline, outer?.deadline ?? Number.POSITIVE_INFINITY);
        void outlive(work, at, startGrace, () => giveUp(cancelled));
      } else {
        startGrace();
        giveUp(expired);
      }
    };
    const result = this.#fn(new CallContext(scope.token, 0, number));
    work.running = result;
    if (!isThenable(result)) return result;
    void this.#admission.inside(() => settled(result));
    // A function that ignores its signal is left to itself: were it waited for, it would be reported as stuck.
    return Promise.race([result, late.promise]);
  }
}

/**
 * The attempt was cancelled by somebody else. Its function has the time that it had anyway to end in; what it has spawned has its grace
 * from its end on.
 */
async function outlive(
  work: Work,
  at: number,
  startGrace: () => void,
  giveUp: () => void,
): Promise<void> {
  const timer = kernel.clock.at(at, () => {
    startGrace();
    giveUp();
  });
  // The cancellation may have come before the function had given anything.
  await undefined;
  await settled(work.running);
  timer.stop();
  startGrace();
}

function nothing(): void {}

async function settled(work: unknown): Promise<void> {
  try {
    await work;
  } catch {
    // Whoever called is told of it.
  }
}
