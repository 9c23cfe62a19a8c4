/**
 * The engine contract: cancellation, before a body starts, while it waits in line, and while it runs.
 *
 * @module
 */
import { Cancelled, isCancelled, TimedOut } from '../../core/errors.ts';
import { scope } from '../../core/scopes.ts';
import { equal, failure, holds, isPending, rejection, settled } from './check.ts';
import type { CaseBody } from './contract-case.ts';
import * as tasks from './contract-tasks.ts';
import { CountingSignal } from './counting-signal.ts';
import { pause } from './journal.ts';

function isCancelledBy(error: unknown, reason: unknown): void {
  holds(error instanceof Cancelled, `${String(error)} is a Cancelled`);
  holds(isCancelled(error), 'it has the name of an abort');
  equal((error as Cancelled).reason, reason);
}

/** What signals are aborted with: who aborts gets it back, not a copy of it and not an error around it. */
const REASON = new RangeError('enough');

async function isAborted(call: Promise<unknown>, reason: unknown = REASON): Promise<void> {
  const error = await rejection(call);
  holds(Object.is(error, reason), `${String(error)} is the reason of the signal`);
}

/** Cancellation. */
export const cancelCases: readonly CaseBody[] = [
  {
    name: 'cancelled before the call: the body never runs',
    async body({ engine, journal }) {
      const call = { signal: AbortSignal.abort(REASON) };

      await isAborted(engine.submit(tasks.mark, [journal.place, 'never'], call));

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
      controller.abort(REASON);

      await isAborted(call);

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

      controller.abort(REASON);

      for (const index of [1, 3]) await isAborted(calls[index] as Promise<string>);
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

      controller.abort(REASON);

      await isAborted(call);
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

      controller.abort(REASON);

      await isAborted(call);
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

      controller.abort(REASON);
      await isAborted(call);

      equal(journal.names('end'), ['a']);
    },
  },
  ...(
    [
      ['nothing said', undefined],
      ['a text', 'enough'],
      ['nothing', null],
      ['a number', 0],
      ['a time-out of another clock', new TimedOut(1, 'something else')],
    ] as const
  ).map(
    ([what, reason]): CaseBody => ({
      name: `a call whose signal aborts rejects with the reason of the signal: ${what}`,
      async body({ engine, journal }) {
        const controller = new AbortController();
        const { signal } = controller;
        const early = engine.submit(tasks.hold, [journal.place, 'a'], { signal });
        await journal.seen('start');

        controller.abort(reason);

        await isAborted(early, signal.reason);
        await isAborted(engine.submit(tasks.echo, [1], { signal }), signal.reason);
        equal(journal.names('cancelled'), ['a']);
      },
    }),
  ),
  {
    name: 'what a body throws of its own after its signal has fired is what the call rejects with',
    async body({ engine, journal }) {
      const controller = new AbortController();
      const { signal } = controller;
      const call = engine.submit(tasks.failWhenStopped, [journal.place], { signal });
      await journal.seen('start');

      controller.abort(REASON);

      const error = await failure(call);
      equal([error.name, error.message], ['TypeError', 'while it cleaned up']);
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

      controller.abort(REASON);
      await isAborted(stopped);

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
    name: 'submitted in a cancelled scope, it never runs',
    async body({ engine, journal }) {
      const error = await failure(
        scope(async (s) => {
          s.cancel('before');
          await engine.submit(tasks.mark, [journal.place, 'never'], {});
        }),
      );

      isCancelledBy(error, 'before');
      equal(journal.entries(), []);
    },
  },
  {
    name: 'the signal of the ambient scope changes nothing: its cancellation is what the call rejects with',
    async body({ engine, journal }) {
      const error = await failure(
        scope(async (s) => {
          const call = engine.submit(tasks.hold, [journal.place, 'a'], { signal: s.signal });
          await journal.seen('start');
          s.cancel('by the scope');
          const thrown = await rejection(call);
          holds(thrown === s.signal.reason, 'it is the Cancelled of the scope');
          throw thrown;
        }),
      );

      isCancelledBy(error, 'by the scope');
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

        controller.abort(REASON);

        await isAborted(deaf);
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
