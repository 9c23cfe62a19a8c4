/**
 * One function at a limiter, as often as it is attempted. An attempt with a time limit tells its caller at the moment, and has its place until
 * the function has really settled.
 *
 * @module
 */
import { isThenable } from '../core/arguments.ts';
import { CallContext, type MaybePromise, type Thunk } from '../core/context.ts';
import type { Cancelled } from '../core/errors.ts';
import { kernel } from '../core/kernel.ts';
import { OpenScope } from '../core/open-scope.ts';
import { currentToken } from '../core/token.ts';
import type { CallSite } from '../runtime/call-site.ts';
import type { LimiterAdmission } from './limiter-admission.ts';
import { type Ask, type Deadline, NONE } from './queued-call.ts';
import type { Course } from './retry-course.ts';

/** How long an attempt may take, and where that was asked for. */
interface Limit {
  readonly timeout: number;
  readonly site: CallSite | undefined;
}

/** One function, as often as it is called. */
export class Attempt<R> {
  /** Whether the function has been called. */
  begun = false;
  /** How many attempts hold a place, though their time may be up. */
  atWork = 0;
  readonly #admission: LimiterAdmission;
  readonly #fn: Thunk<R>;
  readonly #ask: Ask;
  readonly #limit: Limit;

  constructor(admission: LimiterAdmission, fn: Thunk<R>, ask: Ask, limit: Limit) {
    this.#limit = limit;
    this.#admission = admission;
    this.#fn = fn;
    this.#ask = ask;
  }

  plain(number: number): Promise<R> {
    this.begun = false;
    const body = (): MaybePromise<R> => {
      this.begun = true;
      return this.#fn(new CallContext(currentToken(), 0, number));
    };
    return this.#admission.enter<R>(body, NONE, this.#ask);
  }

  /** The caller is told when its attempt is over or its time is up; its place is free when the function has really settled. */
  timed(number: number, course?: Course): Promise<R> {
    this.begun = false;
    return new Promise<R>((resolve, reject) => {
      const body = async (): Promise<R> => {
        this.begun = true;
        this.atWork++;
        const work: Work = { running: undefined, timeIsUp: reject };
        const outcome = this.#attempt(number, work, course);
        outcome.then(resolve, reject);
        await settled(outcome);
        await settled(work.running);
        this.atWork--;
        return outcome;
      };
      this.#admission.enter(body, NONE, this.#ask, inLine(course)).catch(reject);
    });
  }

  /** In a scope with the time-out, which is inside one with the deadline of all attempts. */
  #attempt(number: number, work: Work, course: Course | undefined): Promise<R> {
    const { label } = this.#admission;
    const { timeout, site } = this.#limit;
    const once = (whole?: OpenScope): Promise<R> =>
      OpenScope.run(
        { name: label, timeout },
        (scope) => {
          const late = timeIsUp(scope, whole, work, course);
          const result = this.#fn(new CallContext(scope.token, 0, number));
          work.running = result;
          if (isThenable(result)) void this.#admission.inside(() => settled(result));
          // A function that ignores its signal is left to itself: were it waited for, it would be reported as stuck.
          return isThenable(result) ? Promise.race([result as R, late]) : result;
        },
        site,
      );
    if (course === undefined) return once();
    // All that can be stuck is in the scope inside, which has its own grace.
    return course.run({ name: label, grace: Number.POSITIVE_INFINITY }, once);
  }
}

/** A promise that rejects when the time of an attempt is up, as the caller is told. */
function timeIsUp(
  scope: OpenScope,
  whole: OpenScope | undefined,
  work: Work,
  course: Course | undefined,
): Promise<never> {
  const late = new Promise<never>((_, leave) => {
    const giveUp = (error: unknown): void => {
      work.timeIsUp(error);
      leave(error);
    };
    whenCancelled(scope, (cancelled, startGrace) => {
      const expired = whole?.timedOut ?? scope.timedOut;
      if (expired === undefined) {
        const at = Math.min(scope.deadline, whole?.deadline ?? Number.POSITIVE_INFINITY);
        void outlive(work, { at, startGrace, giveUp: () => giveUp(cancelled) });
      } else {
        startGrace();
        giveUp(whole?.timedOut === undefined ? expired : course?.timeIsUp());
      }
    });
  });
  late.catch(nothing);
  return late;
}

/** What is known of an attempt at work. */
interface Work {
  /** What the function gave. */
  running: unknown;
  /** Tells the caller. */
  readonly timeIsUp: (error: unknown) => void;
}

/** Instead of what the scope itself does then: it starts the time of grace. */
function whenCancelled(
  scope: OpenScope,
  fn: (cancelled: Cancelled, startGrace: () => void) => void,
): void {
  const { onCancel } = scope.token;
  scope.token.onCancel = (cancelled) => {
    fn(cancelled, () => {
      if (scope.state !== 'closed') onCancel?.(cancelled);
    });
  };
}

/**
 * The attempt was cancelled by somebody else. Its function has the time that it had anyway to end in; what it has spawned has its grace
 * from its end on.
 */
async function outlive(
  work: Work,
  end: { readonly at: number; readonly startGrace: () => void; readonly giveUp: () => void },
): Promise<void> {
  const timer = kernel.clock.at(end.at, () => {
    end.startGrace();
    end.giveUp();
  });
  // The cancellation may have come before the function had given anything.
  await undefined;
  await settled(work.running);
  timer.stop();
  end.startGrace();
}

/** The deadline of all attempts, as long as a further one stands in line: the first stands there for as long as it takes. */
function inLine(course: Course | undefined): Deadline | undefined {
  if (course === undefined || course.deadline === Number.POSITIVE_INFINITY) return undefined;
  return { at: course.deadline, error: () => course.timeIsUp() };
}

function nothing(): void {}

async function settled(work: unknown): Promise<void> {
  try {
    await work;
  } catch {
    // Whoever called is told of it.
  }
}
