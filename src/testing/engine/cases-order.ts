/**
 * The engine contract: how many bodies run at once, and which first.
 *
 * @module
 */
import { map } from '../../flow/map.ts';
import { equal, holds } from './check.ts';
import type { CaseBody } from './contract-case.ts';
import * as tasks from './contract-tasks.ts';
import type { Journal } from './journal.ts';

/** The most bodies at work at one time. */
function mostAtOnce(journal: Journal): number {
  let inside = 0;
  let most = 0;
  for (const { what } of journal.entries()) {
    if (what === 'start') inside++;
    if (what === 'end') inside--;
    most = Math.max(most, inside);
  }
  return most;
}

function names(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `job ${i}`);
}

/** How many, and in which order. */
export const orderCases: readonly CaseBody[] = [
  {
    name: 'has a name, and a capacity from 1',
    async body({ engine }) {
      holds(typeof engine.name === 'string' && engine.name !== '', 'it has a name');
      holds(Number.isInteger(engine.capacity) && engine.capacity >= 1, 'it has a capacity');
    },
  },
  {
    name: 'does work with as many bodies at once as its capacity says',
    async body({ engine, journal }) {
      const calls = names(engine.capacity).map((name) =>
        engine.submit(tasks.hold, [journal.place, name], {}),
      );

      await journal.seen('start', engine.capacity);
      journal.release();

      equal(await Promise.all(calls), names(engine.capacity));
    },
  },
  {
    name: 'never has more bodies at work than its capacity, whatever is submitted',
    needs: ['queues'],
    async body({ engine, journal }) {
      const calls = Array.from({ length: 40 }, (_, i) =>
        engine.submit(tasks.visit, [journal.place, i, i % 3], {}),
      );

      await Promise.all(calls);

      holds(mostAtOnce(journal) <= engine.capacity, `at most ${engine.capacity} ran at once`);
      equal(journal.names('start').length, 40);
    },
  },
  {
    name: 'its capacity is how many items a flow works at by default',
    async body({ engine, journal }) {
      const items = Array.from(
        { length: engine.capacity + 6 },
        (_, i) => [journal.place, i] as const,
      );
      const done = map(items, tasks.holdAll, { engine });

      await journal.seen('start', engine.capacity);
      journal.release();

      equal(
        await done,
        items.map(([, i]) => i),
      );
      holds(mostAtOnce(journal) <= engine.capacity, `at most ${engine.capacity} ran at once`);
    },
  },
  {
    name: 'starts in the order of submission',
    needs: ['queues'],
    size: 1,
    async body({ engine, journal }) {
      const calls = names(60).map((name) => engine.submit(tasks.mark, [journal.place, name], {}));

      await Promise.all(calls);

      equal(journal.names('start'), names(60));
    },
  },
  {
    name: 'starts in the order of submission, in many turns and behind a slow one',
    needs: ['queues'],
    size: 1,
    async body({ engine, journal }) {
      const first = engine.submit(tasks.hold, [journal.place, 'first'], {});
      const calls: Promise<string>[] = [];
      for (const name of names(12)) {
        calls.push(engine.submit(tasks.mark, [journal.place, name], {}));
        await Promise.resolve();
      }
      await journal.seen('start');

      journal.release();
      await Promise.all([first, ...calls]);

      equal(journal.names('start'), ['first', ...names(12)]);
    },
  },
  {
    name: 'a short one does not wait behind a long one while another place is free',
    async body({ engine, journal }) {
      const warm = [1, 2, 3, 4].map((n) => engine.submit(tasks.add, [n, n], {}));
      await Promise.all(warm);
      const long = engine.submit(tasks.hold, [journal.place, 'long'], {});
      const short = Array.from({ length: 200 }, (_, i) => engine.submit(tasks.add, [i, 1], {}));

      equal(
        await Promise.all(short),
        short.map((_, i) => i + 1),
      );

      equal(journal.names('end'), []);
      journal.release();
      equal(await long, 'long');
    },
  },
  {
    name: 'an exclusive call gets a worker although all are taken',
    size: 1,
    async body({ engine, journal }) {
      const held = names(engine.capacity).map((name) =>
        engine.submit(tasks.hold, [journal.place, name], {}),
      );
      await journal.seen('start', engine.capacity);

      equal(await engine.submit(tasks.add, [1, 2], { exclusive: true }), 3);

      journal.release();
      equal(await Promise.all(held), names(engine.capacity));
    },
  },
];
