/**
 * The end of the pools that all share: whoever waits for it is told when it is over, whoever began it and however often; who would wait for
 * itself is told at once.
 *
 * @module
 */
import {
  generateInProcess,
  generateInThread,
  inProcess,
  inThread,
  processPool,
  sleep,
  threadPool,
} from 'skein';
import { afterEach, describe, expect, it } from 'vitest';
import { add, hold, outlast } from '../../src/testing/engine/contract-tasks.ts';
import { Journal } from '../../src/testing/engine/journal.ts';
import { isPendingFor, thrown, workersOf } from './pools.ts';

const SHARED = [
  { name: 'threadPool', shared: threadPool, run: inThread, generate: generateInThread },
  { name: 'processPool', shared: processPool, run: inProcess, generate: generateInProcess },
];

describe.each(SHARED)('the end of $name', ({ shared, run, generate }) => {
  afterEach(() => shared.shutdown());

  const BEGUN: readonly [how: string, begin: () => void | Promise<void>][] = [
    ['shutdown()', () => void shared.shutdown()],
    ['shutdown({ wait: false })', () => shared.shutdown({ wait: false })],
    [
      'initialize with another size',
      () => shared.initialize({ maxWorkers: shared.maxWorkers + 1 }),
    ],
    ['disposal', () => void shared[Symbol.asyncDispose]()],
    ['disposal of its engine', () => void shared.pool[Symbol.asyncDispose]()],
    [
      'three of them',
      async () => {
        shared.initialize({ maxWorkers: 1 });
        await shared.shutdown({ wait: false });
        void shared.shutdown();
      },
    ],
  ];

  it.each(BEGUN)('is waited for by a shutdown after %s', async (_, begin) => {
    using journal = Journal.open();
    const running = run(hold, journal.place, 'running');
    await journal.seen('start');
    const engine = shared.pool;
    await begin();

    const over = shared.shutdown();

    expect(await isPendingFor(20, over)).toBe(true);
    journal.release();
    await over;
    expect(workersOf(engine)).toBe(0);
    expect(await running).toBe('running');
  });

  it('is over for all who wait at the same time', async () => {
    using journal = Journal.open();
    const running = run(hold, journal.place, 'running');
    await journal.seen('start');
    const engine = shared.pool;
    let ended = 0;
    const all = Array.from({ length: 5 }, (_, n) => {
      const end = n % 2 === 0 ? shared.shutdown() : shared[Symbol.asyncDispose]();
      return end.then(() => {
        ended++;
        expect(workersOf(engine)).toBe(0);
      });
    });

    await sleep(20);
    expect(ended).toBe(0);
    journal.release();
    await Promise.all(all);
    expect(await running).toBe('running');
  });

  it('waits for old pools and the new one, though not for one that came later', async () => {
    using journal = Journal.open();
    const old = run(hold, journal.place, 'old');
    shared.initialize({ maxWorkers: shared.maxWorkers + 1 });
    const next = run(hold, journal.place, 'next');
    await journal.seen('start', 2);
    const over = shared.shutdown();
    const later = run(outlast, journal.place, 'later');
    await journal.seen('start', 3);

    journal.release('old');
    expect(await isPendingFor(20, over)).toBe(true);
    journal.release('next');
    await over;

    expect(shared.initialized).toBe(true);
    journal.release();
    expect(await Promise.all([old, next, later])).toEqual(['old', 'next', 'later']);
  });

  it('lets the next call start a new pool when its engine was disposed by hand', async () => {
    await run(add, 1, 2);

    await shared.pool[Symbol.asyncDispose]();

    expect(shared.initialized).toBe(false);
    expect(() => shared.pool).toThrow('Must call initialize first');
    expect(await run(add, 3, 4)).toBe(7);
  });

  it('is a TypeError for what one of its calls has called back, and nothing has happened then', async () => {
    const back = async (how: string): Promise<string> => {
      const end = how === 'shutdown' ? shared.shutdown() : shared[Symbol.asyncDispose]();
      return (await thrown(end)).message;
    };

    for (const how of ['shutdown', 'dispose']) {
      const body = (called: (how: string) => Promise<string>, what: string) => called(what);
      const message = await run(body, back, how);

      expect(message).toMatch(/what one of its calls has called back: it would wait for itself$/);
    }
    expect(shared.initialized).toBe(true);
  });

  it('is the same for a source that a call reads, and for a call of another pool in between', async () => {
    async function* source() {
      yield (await thrown(shared.shutdown())).message;
    }
    const first = async (items: AsyncIterable<string>) => {
      for await (const item of items) return item;
      return undefined;
    };
    const other = shared === threadPool ? inProcess : inThread;
    const call = (called: () => Promise<string>) => called();
    const back = async (): Promise<string> => (await thrown(shared.shutdown())).message;

    expect(await run(first, source())).toMatch(/would wait for itself/);
    expect(await run(call, () => other(call, back))).toMatch(/would wait for itself/);
  });

  it('can be begun in a callback by who does not wait for it', async () => {
    const call = (called: () => Promise<boolean>) => called();

    const initialized = await run(call, async () => {
      await shared.shutdown({ wait: false });
      return shared.initialized;
    });

    expect(initialized).toBe(false);
  });

  it.each([
    ['when its call has ended', true],
    ['though its call goes on', false],
  ])('is no wait for itself in what was only begun in a callback: %s', async (_, isOver) => {
    using journal = Journal.open();
    let later = (): void => {};
    const gate = new Promise<void>((open) => {
      later = open;
    });
    let end: Promise<void> | undefined;
    const running = run(
      async (called: () => Promise<void>, place: string, isToEnd: boolean) => {
        const { existsSync } = process.getBuiltinModule('node:fs');
        await called();
        while (!(isToEnd || existsSync(`${place}/gate-all`))) {
          await new Promise((resolve) => setTimeout(resolve, 1));
        }
      },
      () => {
        // As a listener of a signal would be: it runs in the context of the callback.
        end = gate.then(() => shared.shutdown());
      },
      journal.place,
      isOver,
    );
    while (end === undefined) await sleep(1);
    if (isOver) await running;
    later();

    if (!isOver) expect(await isPendingFor(20, end)).toBe(true);
    journal.release();
    await end;

    expect(shared.initialized).toBe(false);
    await running;
  });

  it('waits for a generator that is being left, twice and at once', async () => {
    using journal = Journal.open();
    const generator = generate(async function* (place: string) {
      const { appendFileSync } = await import('node:fs');
      try {
        yield 1;
      } finally {
        await new Promise((resolve) => setTimeout(resolve, 50));
        appendFileSync(`${place}/journal`, 'end generator\n');
      }
    }, journal.place);
    await generator.next();
    const engine = shared.pool;

    const ends = [generator.return(undefined), shared.shutdown(), generator.return(undefined)];
    await ends[2];
    expect(journal.names('end')).toEqual(['generator']);
    await Promise.all(ends);

    expect(workersOf(engine)).toBe(0);
  });
});
