/**
 * Limiters: calls that wait for their turn, and all that takes it from them; and the loop in which tasks are handed permits.
 *
 * @module
 */
import {
  type CallableLimiter,
  type Context,
  currentSignal,
  isCancelled,
  limiter,
  Semaphore,
  scope,
  TimedOut,
} from 'skein';
import { Call, type Kind } from './call.ts';
import {
  aborted,
  type Cause,
  cancelled,
  decide,
  endsAs,
  judgeListeners,
  lastOf,
  throws,
  timesOut,
} from './causes.ts';
import type { Limited, Permits } from './model.ts';

/** Between two attempts. */
const PAUSE = 2;

/** Calls of one limiter. */
export const limited: Kind<Limited> = {
  async run(call) {
    const { world, work } = call;
    const { concurrency, timeout, retries, clearAfter, disposeAfter } = work;
    const retry = retries === undefined ? undefined : { retries, backoff: PAUSE };
    const limit = limiter({ concurrency, timeout, retry });
    const calls = work.calls.map((_, place) => enter(call, limit, place));
    if (clearAfter !== undefined) world.after(clearAfter, () => limit.clear('by the program'));
    const disposed =
      disposeAfter === undefined ? [] : [0, 1].map(() => disposal(call, limit, disposeAfter));
    const outcomes = await Promise.allSettled(calls);
    await Promise.all([limit[Symbol.asyncDispose](), ...disposed]);
    if (limit.active + limit.waiting > 0)
      call.blame('permit', 'it is not idle, though it has ended');
    const failed = outcomes.find(({ status }) => status === 'rejected');
    if (failed !== undefined) throw (failed as PromiseRejectedResult).reason;
    return world.fresh('limited');
  },

  judge(call) {
    const bodies = call.parts.flatMap(({ parts }) => parts);
    const most = atWork(bodies);
    if (most > call.work.concurrency) call.blame('too many', `${most} calls were at work at once`);
    const begun = call.parts
      .map(({ parts }) => parts[0]?.startedAt ?? Infinity)
      .filter((at) => at !== Infinity);
    if (begun.some((at, i) => at < (begun[i - 1] ?? 0)))
      call.blame('order', 'a call has overtaken another');
  },
};

async function disposal(
  { world, parts, name }: Call<Limited>,
  limit: CallableLimiter,
  after: number,
): Promise<void> {
  await world.later(after);
  await limit[Symbol.asyncDispose]();
  const atWork = parts.flatMap((each) => each.parts).filter(({ end }) => end === undefined);
  if (atWork.length > 0) world.blame('outlived', name, 'it is disposed of while a call is at work');
}

function enter(of: Call<Limited>, limit: CallableLimiter, place: number): Promise<unknown> {
  const { world } = of;
  const plan = of.work.calls[place] as Limited['calls'][number];
  const call = new Call(world, plan.work, { as: 'call', place }, of as unknown as Call);
  call.abort = plan.signal && world.abort(plan.signal);
  const body = (given?: Context): Promise<unknown> => {
    const context = {
      get signal() {
        return given?.signal ?? currentSignal();
      },
      attempt: call.parts.length + 1,
    };
    return call.do(plan.work, { as: 'body', place: call.parts.length, context });
  };
  const signal = call.abort?.signal;
  const start = (): Promise<unknown> =>
    plan.by === 'call' ? limit(() => body()) : limit.run(body, { signal });
  return call.record(start, () => judgeCall(call, of));
}

function judgeCall(call: Call, of: Call<Limited>): void {
  const { retries = 0, timeout = Infinity } = of.work;
  judgeListeners(call);
  const levels = [...cancelled(call), ...aborted(call), ...turnedAway(of, of.work.disposeAfter)];
  for (const { startedAt } of call.parts) {
    if (call.beganCancelled || levels.some(({ at }) => at < startedAt)) {
      call.blame('started in vain', 'it was called after its cancellation');
    }
  }
  if (call.parts.length > retries + 1)
    call.blame('retry', `${call.parts.length} attempts were made`);
  const last = call.parts.at(-1);
  const cleared = turnedAway(of, of.work.clearAfter);
  if (last === undefined) {
    decide(call, [...levels, ...cleared], -1);
    return;
  }
  const attempt = new Attempt(last, timeout, [...cancelled(call), ...aborted(call)]);
  // Clearing is for those who wait in that moment.
  const refusals = [...levels, ...cleared.filter(({ at }) => at >= attempt.over)];
  const again = call.parts.length > retries ? 'never' : attempt.again;
  const causes =
    again === 'surely'
      ? []
      : attempt
          .ends(refusals)
          .map((cause) => ({ ...cause, sure: cause.sure && again === 'never' }));
  decide(call, again === 'never' ? causes : [...causes, ...attempt.refused(refusals)], -1);
}

/** The last attempt of a call. */
class Attempt {
  readonly #call: Call;
  readonly #timeout: number;
  readonly #expiry: number;
  readonly #settledAt: number;

  /** @param levels what cancels it, also while it is at work */
  constructor(call: Call, timeout: number, levels: readonly Cause[]) {
    this.#call = call;
    this.#timeout = timeout;
    // The limit is one for all that it has started.
    this.#settledAt = timeout === Infinity ? (call.settledAt ?? Infinity) : lastOf([call]);
    // What was cancelled is not timed out any more.
    const stopped = levels.some(({ at }) => at < call.startedAt + timeout && at < this.#settledAt);
    this.#expiry = stopped ? Infinity : call.startedAt + timeout;
  }

  /** When the caller was told of its end, or could have been. */
  get over(): number {
    return Math.min(this.#settledAt, this.#expiry);
  }

  /** Whether another one should follow, if there may be one. */
  get again(): 'surely' | 'perhaps' | 'never' {
    const { failed, error } = this.#call;
    if (this.#settledAt > this.#expiry) return 'surely';
    if (failed && !isCancelled(error)) return this.#settledAt < this.#expiry ? 'surely' : 'perhaps';
    return this.#settledAt < this.#expiry ? 'never' : 'perhaps';
  }

  /** The limit of time is told at its moment, also while the function is at work. */
  ends(refusals: readonly Cause[]): Cause[] {
    const causes: Cause[] = [];
    const isClose = this.#settledAt === this.#expiry;
    if (this.#settledAt <= this.#expiry)
      causes.push({ ...endsAs(this.#call, !isClose), at: this.over });
    if (this.#settledAt >= this.#expiry) causes.push(timesOut(this.over, this.#timeout, !isClose));
    // What has ended because of a cancellation may tell of it in its own way.
    const told = refusals.filter(({ at }) => at <= this.over && this.#call.failed);
    return [...causes, ...told.map((cause) => ({ ...cause, at: this.over, sure: false }))];
  }

  /** It waits for another attempt, and is turned away. */
  refused(refusals: readonly Cause[]): Cause[] {
    const { error } = this.#call;
    const fits = (e: unknown): boolean =>
      isCancelled(e) ||
      e === error ||
      e instanceof TimedOut ||
      refusals.some((cause) => cause.fits({ error: e }));
    const causes = refusals.map(({ at, what }) => throws(Math.max(this.over, at), what, fits));
    // The next one would have to wait for this one, which has its place as long as it is at work.
    if (this.#timeout < Infinity)
      causes.push(throws(this.over + PAUSE, 'the error of the last attempt', fits, false));
    return causes;
  }
}

/** Who waits is turned away when the line is cleared, and when the limiter is closed. */
function turnedAway({ startedAt }: Call, after = Infinity): Cause[] {
  return after === Infinity
    ? []
    : [throws(startedAt + after, 'the Cancelled of its line', isCancelled)];
}

function atWork(bodies: readonly Call[]): number {
  return Math.max(
    0,
    ...bodies.map(
      ({ startedAt }) =>
        bodies.filter(
          (each) => each.startedAt <= startedAt && (each.settledAt ?? Infinity) > startedAt,
        ).length,
    ),
  );
}

/** `acquire` in a loop, and a task that gives back what it was handed. */
export const permits: Kind<Permits> = {
  async run(call) {
    const { world, work } = call;
    const semaphore = new Semaphore(work.permits);
    let handed = 0;
    try {
      await scope(async (s) => {
        if (work.cancelAfter !== undefined)
          world.after(work.cancelAfter, () => s.cancel('by the program'));
        for (const [place, each] of work.works.entries()) {
          const lease = await semaphore.acquire();
          handed++;
          s.spawn(async ({ signal }) => {
            try {
              await call.do(each, { as: 'task', place, context: { signal, attempt: 1 } });
            } finally {
              lease.release();
            }
          });
        }
      });
      return world.fresh('permits');
    } finally {
      const lost = work.permits - semaphore.available;
      if (lost > 0) call.blame('permit', `${lost} of ${work.permits} permits are lost`);
      if (call.parts.length < handed)
        call.blame('not started', `${call.parts.length} of ${handed} tasks were begun`);
    }
  },

  judge(call) {
    const failures = call.parts.filter(({ failed }) => failed);
    const fits = (error: unknown): boolean =>
      isCancelled(error) || failures.some((task) => task.error === error);
    if (call.failed && !fits(call.error)) call.blame('wrong error', `it ended with ${call.error}`);
    if (!call.failed && failures.some((task) => !task.interrupted)) {
      call.blame('no error', 'a task has failed');
    }
  },
};
