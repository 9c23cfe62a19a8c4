/**
 * A wait of each kind: it ends in its time, or in the moment in which it is cancelled.
 *
 * @module
 */
import { cancellable, sleep, suspend, until } from 'skein';
import type { Call, Kind } from './call.ts';
import { type Cause, cancelled, decide, gives, throws } from './causes.ts';
import type { Leaf } from './model.ts';
import { STUBBORN_FOR } from './stuck.ts';

const WAYS: Readonly<Record<Leaf['how'], (call: Call<Leaf>) => Promise<unknown>>> = {
  sleep: ({ work }) => sleep(work.takes),
  until: ({ work, world }) => until(world.later(work.takes)),
  suspend: ({ work, world }) =>
    suspend<void>((resume) => world.after(work.takes, () => resume.ok())),
  cancellable: ({ work, world }) => cancellable((signal) => world.later(work.takes, signal)),
  fetch: (call) => call.world.later(call.work.takes, call.signal),
  foreign: ({ work, world }) => world.later(work.takes),
  async stubborn({ work, world }) {
    try {
      await sleep(work.takes);
    } catch {
      await world.later(STUBBORN_FOR);
    }
  },
};

/** Waits, and gives a value of its own or fails with an error of its own. */
export const leaf: Kind<Leaf> = {
  async run(call) {
    const { world, work } = call;
    const outcome = world.fresh(fails(call) ? 'error' : 'value');
    await WAYS[work.how](call);
    if (fails(call)) throw new Error(outcome);
    return outcome;
  },

  judge(call) {
    const { work, startedAt } = call;
    const due = startedAt + work.takes;
    const own = (at: number): Cause =>
      fails(call)
        ? throws(
            at,
            'its own error',
            (error) => error instanceof Error && /^error\d+$/.test(error.message),
          )
        : gives(at, 'its own value', (value) => typeof value === 'string');
    if (work.how === 'foreign') decide(call, [own(due)], -1);
    else if (work.how === 'stubborn') {
      const stops = cancelled(call).filter(
        ({ at }) => at < due || (at === due && call.settledAt !== due),
      );
      decide(call, [own(stops[0] === undefined ? due : stops[0].at + STUBBORN_FOR)], -1);
    } else if (work.how === 'fetch') {
      const { signal, settledAt = -1 } = call;
      const reason = (error: unknown): boolean => signal.aborted && error === signal.reason;
      const stops = cancelled(call).map(({ at }) => throws(at, 'the reason of its signal', reason));
      const other = throws(settledAt, 'the reason of its signal', reason, false);
      decide(call, [own(due), ...stops, other], -1);
    } else decide(call, [own(due), ...cancelled(call)], -1);
  },
};

function fails({ work, attempt }: Call<Leaf>): boolean {
  return attempt <= (work.fails ?? 0);
}
