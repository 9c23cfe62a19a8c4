/**
 * Work with one thing around it: another before it, a limit of time, another attempt.
 *
 * @module
 */
import { isCancelled, moveOnAfter, retry, timeout } from 'skein';
import type { Call, Kind } from './call.ts';
import { type Cause, cancelled, decide, endsAs, gives, lastOf, timesOut } from './causes.ts';
import { keptEnd } from './kept.ts';
import { abandons } from './left.ts';
import type { Retry, Sequence, TimeLimit } from './model.ts';
import { mayBeStuck } from './stuck.ts';

/** One after the other. */
export const sequence: Kind<Sequence> = {
  async run(call) {
    let last: unknown;
    for (const work of call.work.works) {
      try {
        last = await call.do(work);
      } catch (error) {
        if (call.work.catches !== true) throw error;
        last = 'caught';
      }
    }
    return last;
  },

  judge() {
    // What it does is our own.
  },
};

/** What `moveOnAfter` gives when the time is over. */
const OTHERWISE = 'otherwise';

/** A limit of time: what the work gives after it does not count, whatever it is. */
export const timeLimit: Kind<TimeLimit> = {
  run(call) {
    const { kind, after, body, abandon } = call.work;
    const work = (): Promise<unknown> => call.do(body, { as: 'body' });
    return kind === 'timeout'
      ? timeout(after, work, { abandon })
      : moveOnAfter(after, work, OTHERWISE, { abandon });
  },

  judge(call) {
    const [body] = call.parts;
    if (body === undefined) {
      call.blame('not started', 'its body was never called');
      return;
    }
    // Copies that were left to their scope may be at work after the body.
    const last = body.end === undefined ? Infinity : lastOf([body]);
    const { settledAt = Infinity } = body;
    const { after, kind } = call.work;
    const expiry = call.startedAt + after;
    const causes: Cause[] = [endsAs(body), ...swallowed(call, body)];
    const outer = cancelled(call)[0]?.at ?? Infinity;
    // Its time is over with the body: what the body has left to the scope is stopped then.
    if (expiry <= settledAt && expiry <= outer) {
      const sure = expiry < settledAt && expiry < outer;
      if (kind === 'timeout') causes.push(timesOut(expiry, after, sure));
      else causes.push(gives(expiry, 'otherwise', (value) => value === OTHERWISE, sure));
    }
    // Who leaves the rest behind is told at once, of a cancellation too.
    if (abandons(call.work))
      decide(
        call,
        [...causes, ...cancelled(call)],
        keptEnd(call, body.home.token.scope, ['handle']),
      );
    else decide(call, causes, last);
  },
};

/** An abort of somebody else's is taken for the cancellation, where there was one. */
function swallowed(call: Call, body: Call): Cause[] {
  const { settledAt = -1 } = body;
  const outer = cancelled(call)[0];
  if (outer === undefined || outer.at > settledAt || !isCancelled(body.error)) return [];
  return [{ ...outer, at: settledAt }];
}

/** Attempts one after the other, each in a scope of its own; none in a scope that is cancelled. */
export const repeated: Kind<Retry> = {
  run(call) {
    const { retries, pause, body } = call.work;
    return retry(
      ({ signal, attempt }) =>
        call.do(body, { as: 'body', place: attempt, context: { signal, attempt } }),
      {
        retries,
        backoff: pause,
      },
    );
  },

  judge(call) {
    const { retries, pause } = call.work;
    const attempts = call.parts;
    const outer = cancelled(call);
    attempts.forEach((attempt, i) => {
      const before = lastOf(attempts.slice(0, i));
      if (i > 0 && attempt.startedAt !== before + pause && !mayBeStuck(call.work)) {
        call.blame('retry', `attempt ${i + 1} began at ${attempt.startedAt} ms`);
      }
      if (call.beganCancelled || outer.some(({ at }) => at < attempt.startedAt)) {
        call.blame('started in vain', `attempt ${i + 1} began in a cancelled scope`);
      }
    });
    if (attempts.length > retries + 1) call.blame('retry', `${attempts.length} attempts were made`);
    decide(call, endsOf(call, attempts), lastOf(attempts));
  },
};

function endsOf(call: Call<Retry>, attempts: readonly Call[]): Cause[] {
  const outer = cancelled(call);
  const last = attempts.at(-1);
  if (last === undefined) return outer;
  const { settledAt = -1 } = last;
  if (last.failed && outer.some(({ at }) => at <= settledAt)) {
    return [endsAs(last), ...outer.map((cause) => ({ ...cause, at: settledAt }))];
  }
  const isLast = !last.failed || attempts.length > call.work.retries || isCancelled(last.error);
  return isLast ? [endsAs(last)] : outer;
}
