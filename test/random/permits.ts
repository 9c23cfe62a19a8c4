/**
 * The loop that everybody writes: acquire a permit, start a task that gives it back. No permit may be lost, whatever ends the loop.
 *
 * @module
 */
import { isCancelled, Semaphore, scope } from 'skein';
import type { Kind } from './call.ts';
import type { Permits } from './model.ts';

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
    if (!call.failed && failures.some((task) => !task.interrupted && !task.perhapsInterrupted)) {
      call.blame('no error', 'a task has failed');
    }
  },
};
