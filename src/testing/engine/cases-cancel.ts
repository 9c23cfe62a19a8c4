/**
 * The engine contract: cancellation, before a body starts, while it waits in line, and while it runs.
 *
 * @module
 */
import { Cancelled, isCancelled } from '../../core/errors.ts';
import { scope } from '../../core/scopes.ts';
import { equal, failure, holds, isPending, settled } from './check.ts';
import type { CaseBody } from './contract-case.ts';
import * as tasks from './contract-tasks.ts';
import { CountingSignal } from './counting-signal.ts';
import { pause } from './journal.ts';

function isCancelledBy(error: unknown, reason: unknown): void {
  holds(error instanceof Cancelled, `${String(error)} is a Cancelled`);
  holds(isCancelled(error), 'it has the name of an abort');
  equal((error as Cancelled).reason, reason);
}

/** Cancellation. */
export const cancelCases: readonly CaseBody[] = [
  {
    name: 'cancelled before the call: the body never runs',
    async body({ engine, journal }) {
      const call = { signal: AbortSignal.abort('too late') };

      const error = await failure(engine.submit(tasks.mark, [journal.place, 'never'], call));

      isCancelledBy(error, 'too late');
      equal(await engine.submit(tasks.add, [1, 2], {}), 3);
      equal(journal.entries(), []);
    },
  },
  {
    name: 'cancelled in the turn of the call: the body does not run, or hears of it',
    async body({ engine, journal }) {
      const controller = new AbortController();
      const { signal } = controller;
      const call = engine.submit(tasks.cleanSlowly, [journal.place, 'a'], { signal });
      controller.abort('at once');

      isCancelledBy(await failure(call), 'at once');

      equal(journal.names('end'), journal.names('start'));
    },
  },
  {
    name: 'cancelled in line: it leaves the line at once and never runs, the others keep their order',
    needs: ['queues'],
    size: 1,
    async body({ engine, journal }) {
      const controller = new AbortController();
      const first = engine.submit(tasks.hold, [journal.place, 'first'], {});
      const names = ['a', 'b', 'c', 'd', 'e'];
      const calls = names.map((name) => {
        const signal = name === 'b' || name === 'd' ? controller.signal : undefined;
        return engine.submit(tasks.mark, [journal.place, name], { signal });
      });
      await journal.seen('start');

      controller.abort('enough');

      for (const index of [1, 3])
        isCancelledBy(await failure(calls[index] as Promise<string>), 'enough');
      equal(journal.names('end'), [], 'the line was left while the first was at work');
      journal.release();
      await Promise.all([first, calls[0], calls[2], calls[4]]);
      equal(journal.names('start'), ['first', 'a', 'c', 'e']);
    },
  },
  {
    name: 'cancelled while it runs: its signal fires, with a reason, and is the ambient one',
    async body({ engine, journal }) {
      const controller = new AbortController();
      const { signal } = controller;
      const call = engine.submit(tasks.listen, [journal.place, 'a'], { signal });
      await journal.seen('start');

      controller.abort('stop');

      isCancelledBy(await failure(call), 'stop');
      equal(journal.names('reason'), ['AbortError']);
      equal(journal.names('same'), ['true']);
    },
  },
  {
    name: 'cancelled while it runs: waits of the library inside reject',
    async body({ engine, journal }) {
      const controller = new AbortController();
      const { signal } = controller;
      const call = engine.submit(tasks.hold, [journal.place, 'a'], { signal });
      await journal.seen('start');

      controller.abort('stop');

      isCancelledBy(await failure(call), 'stop');
      equal(journal.names('cancelled'), ['a']);
      equal(journal.names('end'), []);
    },
  },
  {
    name: 'the call of a cancelled body settles when the body has ended, not before',
    async body({ engine, journal }) {
      const controller = new AbortController();
      const { signal } = controller;
      const call = engine.submit(tasks.cleanSlowly, [journal.place, 'a'], { signal });
      await journal.seen('start');

      controller.abort('stop');
      isCancelledBy(await failure(call), 'stop');

      equal(journal.names('end'), ['a']);
    },
  },
  {
    name: 'a body that gives its value although it was cancelled has given it',
    async body({ engine, journal }) {
      const controller = new AbortController();
      const { signal } = controller;
      const call = engine.submit(tasks.succeedAnyway, [journal.place], { signal });
      await journal.seen('start');

      controller.abort();

      equal(await settled(call), { status: 'fulfilled', value: 'value' });
    },
  },
  {
    name: 'a cancelled body disturbs no other',
    async body({ engine, journal }) {
      const controller = new AbortController();
      const { signal } = controller;
      const stopped = engine.submit(tasks.hold, [journal.place, 'stopped'], { signal });
      const other = engine.submit(tasks.hold, [journal.place, 'other'], {});
      const queued = Array.from({ length: 20 }, (_, i) => engine.submit(tasks.add, [i, i], {}));
      await journal.seen('start', 2);

      controller.abort();
      await failure(stopped);

      journal.release();
      equal(await other, 'other');
      equal(
        await Promise.all(queued),
        queued.map((_, i) => 2 * i),
      );
    },
  },
  {
    name: 'an abort after the end changes nothing, and no listener is left',
    async body({ engine }) {
      const counting = new CountingSignal();
      const call = { signal: counting.signal };

      equal(await engine.submit(tasks.add, [1, 2], call), 3);
      await failure(engine.submit(tasks.failWith, ['plain'], call));
      equal(counting.listeners, 0);

      counting.abort();
      equal(await engine.submit(tasks.add, [3, 4], {}), 7);
    },
  },
  {
    name: 'the ambient scope cancels what was submitted in it',
    async body({ engine, journal }) {
      const error = await failure(
        scope({ name: 'outer' }, async (s) => {
          const call = engine.submit(tasks.hold, [journal.place, 'a'], {});
          await journal.seen('start');
          s.cancel('by the scope');
          await call;
        }),
      );

      isCancelledBy(error, 'by the scope');
      equal(journal.names('cancelled'), ['a']);
    },
  },
  {
    name: 'the ambient scope cancels what is in line',
    needs: ['queues'],
    size: 1,
    async body({ engine, journal }) {
      const first = engine.submit(tasks.hold, [journal.place, 'first'], {});
      await journal.seen('start');

      const error = await failure(
        scope(async (s) => {
          const call = engine.submit(tasks.mark, [journal.place, 'queued'], {});
          s.cancel('by the scope');
          await call;
        }),
      );

      isCancelledBy(error, 'by the scope');
      holds(await isPending(first), 'the first goes on');
      journal.release();
      await first;
      equal(journal.names('start'), ['first']);
    },
  },
  {
    name: 'a body that ignores its signal is reported after its grace',
    unless: 'kills',
    async body({ engine, journal }) {
      const controller = new AbortController();
      const call = engine.submit(tasks.ignore, [journal.place, 'deaf'], {
        signal: controller.signal,
        grace: 20,
        name: 'deaf',
      });
      await journal.seen('start');

      controller.abort();
      const error = await failure(call);

      equal(error.code, 'ERR_STUCK_TASKS');
    },
  },
  ...[tasks.ignore, tasks.spin].map(
    (deafBody): CaseBody => ({
      name: `a body that ignores its signal is ended after its grace: ${deafBody.name}`,
      needs: ['kills'],
      async body({ engine, journal }) {
        const controller = new AbortController();
        const { signal } = controller;
        const call = { signal, grace: 30 };
        const other = engine.submit(tasks.hold, [journal.place, 'other'], {});
        const deaf = engine.submit<[string, string], never>(
          deafBody,
          [journal.place, 'deaf'],
          call,
        );
        const queued = Array.from({ length: 10 }, (_, i) => engine.submit(tasks.add, [i, 1], {}));
        await journal.seen('start', 2);

        controller.abort('enough');

        isCancelledBy(await failure(deaf), 'enough');
        equal(
          await Promise.all(queued),
          queued.map((_, i) => i + 1),
        );
        holds(await isPending(other), 'the other goes on');
        journal.release();
        equal(await other, 'other');
        equal(journal.names('start').toSorted(), ['deaf', 'other'], 'nothing ran twice');
      },
    }),
  ),
  {
    name: 'a body has its whole grace to clean up in',
    needs: ['kills'],
    async body({ engine, journal }) {
      const controller = new AbortController();
      const call = engine.submit(tasks.cleanSlowly, [journal.place, 'a'], {
        signal: controller.signal,
        grace: 10_000,
      });
      await journal.seen('start');

      controller.abort();
      await failure(call);

      equal(journal.names('end'), ['a']);
    },
  },
  {
    name: 'a body that ignores its signal and has endless grace is waited for',
    needs: ['kills'],
    async body({ engine, journal }) {
      const controller = new AbortController();
      const call = engine.submit(tasks.outlast, [journal.place, 'a'], {
        signal: controller.signal,
        grace: Number.POSITIVE_INFINITY,
      });
      await journal.seen('start');

      controller.abort();
      await pause(50);
      holds(await isPending(call), 'it is waited for');
      journal.release();

      equal(await call, 'a');
    },
  },
];
