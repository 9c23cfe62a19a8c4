/**
 * Limiters: calls that wait for their turn, and all that takes it from them.
 *
 * @module
 */
import { type CallableLimiter, type Context, currentSignal, limiter } from 'skein';
import { Call, type Kind } from './call.ts';
import { judgeCall, PAUSE } from './limiter-judge.ts';
import type { Limited } from './model.ts';

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
  const signal = call.take(plan.signal, () => of.signal);
  const body = (given?: Context): Promise<unknown> => {
    const context = {
      get signal() {
        return given?.signal ?? currentSignal();
      },
      attempt: call.parts.length + 1,
    };
    return call.do(plan.work, { as: 'body', place: call.parts.length, context });
  };
  const start = (): Promise<unknown> =>
    plan.by === 'call' ? limit(body as () => Promise<unknown>) : limit.run(body, { signal });
  return call.record(start, () => judgeCall(call, of));
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
