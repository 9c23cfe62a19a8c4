/**
 * The engine contract: time-outs and deadlines.
 *
 * @module
 */
import { TimedOut } from '../../core/errors.ts';
import { scope } from '../../core/scopes.ts';
import { sleep } from '../../core/sleep.ts';
import { equal, type Failure, failure, holds, settled } from './check.ts';
import type { CaseBody } from './contract-case.ts';
import * as tasks from './contract-tasks.ts';
import { pause } from './journal.ts';

function isTimedOut(error: Failure, after: number): void {
  holds(error instanceof TimedOut, `${String(error)} is a TimedOut`);
  equal([error.name, error.code, error.after], ['TimeoutError', 'ERR_TIMED_OUT', after]);
}

/** Time-outs. */
export const timeCases: readonly CaseBody[] = [
  {
    name: 'a time-out cancels the body and is a TimedOut when the body has ended',
    async body({ engine, journal }) {
      const call = { timeout: 30 };

      const error = await failure(engine.submit(tasks.cleanSlowly, [journal.place, 'a'], call));

      isTimedOut(error, 30);
      equal(
        journal.entries().map(({ what }) => what),
        ['start', 'cancelled', 'end'],
      );
    },
  },
  {
    name: 'a value that comes after the time-out is no value',
    async body({ engine, journal }) {
      const error = await failure(
        engine.submit(tasks.succeedAnyway, [journal.place], { timeout: '30ms' }),
      );

      isTimedOut(error, 30);
    },
  },
  {
    name: 'what ends in time has nothing to do with its time-out',
    async body({ engine }) {
      equal(await engine.submit(tasks.echoLater, [1], { timeout: 60_000 }), 1);
      equal(
        (await failure(engine.submit(tasks.failLater, ['type'], { timeout: 60_000 }))).message,
        'wrong type',
      );
    },
  },
  {
    name: 'a time-out counts from the start of the body, not from the call',
    needs: ['queues'],
    size: 1,
    async body({ engine, journal }) {
      const first = engine.submit(tasks.hold, [journal.place, 'first'], {});
      const second = engine.submit(tasks.mark, [journal.place, 'second'], { timeout: 400 });
      await journal.seen('start');

      await pause(600);
      journal.release();

      equal(await settled(first), { status: 'fulfilled', value: 'first' });
      equal(await settled(second), { status: 'fulfilled', value: 'second' });
    },
  },
  ...[tasks.ignore, tasks.spin].map(
    (deafBody): CaseBody => ({
      name: `what ignores its time-out is ended after its grace: ${deafBody.name}`,
      needs: ['kills'],
      async body({ engine, journal }) {
        const call = engine.submit<[string, string], never>(deafBody, [journal.place, 'deaf'], {
          timeout: 30,
          grace: 20,
        });

        isTimedOut(await failure(call), 30);

        equal(await engine.submit(tasks.add, [1, 2], {}), 3);
        equal(journal.names('start'), ['deaf']);
      },
    }),
  ),
  {
    name: 'the deadline of the ambient scope cancels what was submitted in it',
    async body({ engine, journal }) {
      const error = await failure(
        scope({ timeout: 200 }, () => engine.submit(tasks.hold, [journal.place, 'a'], {})),
      );

      isTimedOut(error, 200);
      equal(journal.names('cancelled'), journal.names('start'));
    },
  },
  {
    name: 'a body knows the deadline of its time-out',
    async body({ engine }) {
      equal(await engine.submit(tasks.hasDeadline, [], { timeout: '1h' }), true);
      equal(await engine.submit(tasks.hasDeadline, [], {}), false);
    },
  },
  {
    name: 'work of a scope that has ended in time leaves no timer',
    async body({ engine }) {
      await scope({ timeout: '1h' }, async () => {
        equal(await engine.submit(tasks.add, [1, 2], { timeout: '1h', grace: '1h' }), 3);
        await sleep(1);
      });
    },
  },
];
