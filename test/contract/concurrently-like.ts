/**
 * Cases 1 to 11 and 13 of `concurrently` (conformance.md, source 000) for one engine: the same bodies and the same expectations on all of
 * them. Case 12 is the fibers' own and stands beside their tests.
 *
 * @module
 */
import {
  type CopyBody,
  checkpoint,
  concurrently,
  type Engine,
  type EngineSource,
  isCancelled,
  Queue,
  sleep,
  UnhandledErrors,
} from 'skein';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import * as bodies from '../conformance/fixtures/copies.ts';
import { u } from '../conformance/fixtures/copies.ts';
import { Recorder } from '../conformance/fixtures/recorder.ts';
import { range } from '../conformance/jobs.ts';
import { concurrentlyMisuse } from './concurrently-misuse.ts';

/** One engine, as the cases see it. */
export interface ConcurrentlyRow {
  readonly name: string;
  readonly engine: EngineSource;
  /** Runs a case: in virtual time where all copies are on this event loop, otherwise as it is. */
  readonly inTime: (body: () => Promise<void>) => Promise<void>;
  /** Virtual time is exact. Real time is only compared: what is long, what comes before what. */
  readonly isExact: boolean;
  /** What must have been loaded for a body to start within a turn. */
  readonly warmUp?: () => Promise<unknown>;
  /** Whether it can end a body that does not listen, and how one of its workers is killed from outside. */
  readonly kills: boolean;
  readonly killWorker?: (pid: number) => void;
  /** Makes an engine of this kind, where one can be closed. */
  readonly make?: () => Engine;
}

/** Waits until the log says so: copies elsewhere take their time to start. */
async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 1000 && !condition(); i++) await sleep(10);
  expect(condition()).toBe(true);
}

async function caught(promise: PromiseLike<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('Expected a failure: got none');
}

const messages = (errors: readonly unknown[]): string[] =>
  errors.map((error) => (error as Error).message);

/** Runs the cases on one engine. */
export function concurrentlyContract(row: ConcurrentlyRow): void {
  const { engine, inTime, isExact } = row;
  // However slow the machine, no copy is killed before it has seen that it should stop.
  const patient = { engine, grace: Number.POSITIVE_INFINITY };
  let log: Recorder;
  beforeAll(async () => {
    log = new Recorder();
    log.clear();
    await row.warmUp?.();
  });
  beforeEach(() => log.clear());
  afterAll(() => log.remove());
  const timed = (name: string, body: () => Promise<void>): void => {
    it(name, () => inTime(body));
  };

  timed('1 starts-uncalled: copies run before anybody waits for them', async () => {
    const waiter = concurrently(2, { engine }, bodies.oneUnit);
    if (isExact) await checkpoint();
    else await until(() => log.of('s').length === 2);
    expect(log.of('s').toSorted()).toEqual(['s0', 's1']);
    if (isExact) expect(log.of('e')).toEqual([]);

    const value: unknown = await waiter();

    expect(value).toBeUndefined();
    expect(log.of('e').toSorted()).toEqual(['e0', 'e1']);
  });

  timed('2 shared-source: each item is handled exactly once', async () => {
    const source = ['a', 'b', 'c', 'd'];
    await concurrently(2, { engine, source }, bodies.eachItem)();

    expect(log.texts.toSorted()).toEqual(['item a', 'item b', 'item c', 'item d']);
  });

  timed('3 timing: whoever is free takes the next item', async () => {
    await concurrently(2, { engine, source: range(4) }, bodies.firstItemTakesLongest)();

    expect(log.texts).toEqual(['done 1', 'done 2', 'done 3', 'done 0']);
  });

  // In real time a copy may be slower than its items are long.
  it.runIf(isExact)('3 timing: to the millisecond', () =>
    inTime(async () => {
      await concurrently(2, { engine, source: range(4) }, bodies.itemTakesItsUnits)();

      const { entries } = log;
      expect(entries.map(({ text }) => text)).toEqual(range(4).map((item) => `done ${item}`));
      const start = entries[0]?.at as number;
      expect(entries.map(({ at }) => (at - start) / u)).toEqual([0, 1, 2, 4]);
    }),
  );

  timed('4 all-errors: they come when all have ended, in the order of the copies', async () => {
    const waiter = concurrently(3, { engine }, bodies.twoOfThreeFail);

    const error = (await caught(waiter())) as UnhandledErrors;

    // Threads start one after the other, which may take longer than a unit.
    if (isExact) expect(log.texts).toEqual(['ended 2', 'ended 1', 'ended 0']);
    else expect(log.texts.toSorted()).toEqual(['ended 0', 'ended 1', 'ended 2']);
    expect(error).toBeInstanceOf(UnhandledErrors);
    expect(error.code).toBe('ERR_UNHANDLED_ERRORS');
    expect(messages(error.errors)).toEqual(['error 0', 'error 2']);
    expect(waiter.exceptions).toEqual(error.errors);
    expect(await caught(waiter())).toBe(error);
    await waiter({ suppressErrors: true });
    expect(messages(waiter.exceptions)).toEqual(['error 0', 'error 2']);
  });

  timed(
    '5 fail-hard: the first error stops the others, and is thrown when they have ended',
    async () => {
      for (const suppressErrors of [false, true]) {
        log.clear();
        const waiter = concurrently(3, patient, bodies.oneFailsOthersRun);

        const error = await caught(waiter({ failHard: true, suppressErrors }));

        expect(error).toBeInstanceOf(TypeError);
        expect((error as Error).message).toBe('error 1');
        expect(waiter.exceptions).toEqual([error]);
        // Whoever has started has seen it.
        if (isExact) expect(log.of('s').toSorted()).toEqual(['s0', 's2']);
        expect(log.of('x')).toHaveLength(log.of('s').length);
        expect(log.of('e')).toEqual([]);
      }
    },
  );

  timed('6 fail-hard-last: the only copy fails', async () => {
    const waiter = concurrently(1, { engine }, bodies.failsAtOnce);

    const error = await caught(waiter({ failHard: true }));

    expect(error).toBeInstanceOf(RangeError);
    expect((error as Error).message).toBe('the only one');
  });

  timed('7 stop: what runs sees it, nothing starts later, and it is no error', async () => {
    function* endless(): Generator<number> {
      for (let n = 0; ; n++) yield n;
    }
    const waiter = concurrently(2, { ...patient, source: endless() }, bodies.unitAnItem);
    if (isExact) await sleep(2.5 * u);
    else await until(() => log.of('e').length >= 4);

    await waiter.stop();

    const { texts } = log;
    const done = log.of('e').length;
    const cut = log.of('x').map((text) => Number(text.slice(1)));
    expect(log.of('s')).toHaveLength(done + cut.length);
    const unfinished = waiter.unfinished.map(({ item }) => item);
    if (isExact) {
      expect(done).toBe(4);
      expect(cut).toHaveLength(2);
      expect(unfinished.toSorted()).toEqual(cut.toSorted());
    } else {
      // A copy may have been between two items, and items may have been on their way.
      expect(unfinished).toEqual(expect.arrayContaining(cut));
    }
    await waiter();
    expect(waiter.exceptions).toEqual([]);
    await waiter.stop();
    await sleep(2 * u);
    expect(log.texts).toEqual(texts);
  });

  timed('7 stop: in the turn of the creation no body runs', async () => {
    const waiter = concurrently(2, { engine }, bodies.oneUnit);

    await waiter.stop();
    await waiter();
    await sleep(2 * u);

    expect(log.texts).toEqual([]);
    expect(waiter.exceptions).toEqual([]);
  });

  timed('8 stop-keeps-errors: a later call rejects with them', async () => {
    const waiter = concurrently(2, patient, bodies.firstFailsOtherRuns);
    await until(() => log.of('s').length === 1 && waiter.exceptions.length === 1);

    await waiter.stop();

    expect(messages(waiter.exceptions)).toEqual(['error 0']);
    expect(log.texts).toEqual(['s1', 'x1']);
    expect(messages(((await caught(waiter())) as UnhandledErrors).errors)).toEqual(['error 0']);
  });

  timed(
    '8 stop-keeps-errors: who waits with fail-hard is not told of the cancellation',
    async () => {
      const waiter = concurrently(2, patient, bodies.runsLong);
      const waiting = waiter({ failHard: true });
      if (isExact) await checkpoint();
      else await until(() => log.of('s').length === 2);

      await waiter.stop();

      expect(await waiting).toBeUndefined();
      expect(log.of('x')).toHaveLength(2);
    },
  );

  timed('9 early-peek: exceptions can be read at any time', async () => {
    const waiter = concurrently(2, { engine }, bodies.failsAfterOneUnit);
    expect(waiter.exceptions).toEqual([]);

    await waiter({ suppressErrors: true });

    expect(messages(waiter.exceptions)).toEqual(['error 0']);
    expect(await caught(waiter())).toBeInstanceOf(UnhandledErrors);
  });

  timed('10 zero-and-invalid: no copies complete at once', async () => {
    const waiter = concurrently(0, { engine, source: [] }, bodies.failsAtOnce);

    await waiter();
    await waiter({ failHard: true });
    await waiter.stop();

    expect(waiter.exceptions).toEqual([]);
  });

  it('10 zero-and-invalid: anything else is refused at once', () => {
    const start = (copies: unknown, body: unknown): unknown =>
      concurrently(copies as number, { engine }, body as CopyBody);

    expect(() => start(-1, bodies.oneUnit)).toThrow(RangeError);
    expect(() => start(1.5, bodies.oneUnit)).toThrow(RangeError);
    expect(() => start(Number.NaN, bodies.oneUnit)).toThrow(RangeError);
    expect(() => start('2', bodies.oneUnit)).toThrow(TypeError);
    expect(() => start(2, undefined)).toThrow(TypeError);
    expect(() => start(2, 'body')).toThrow(TypeError);
    expect(log.texts).toEqual([]);
  });

  describe('bad input', () => concurrentlyMisuse(row, () => log));

  describe.skipIf(!row.kills)('11 hard-worker (engines that can kill)', () => {
    it('stop ends an endless loop within the grace', async () => {
      const waiter = concurrently(2, { engine }, bodies.neverEnds);
      await until(() => log.texts.length === 2);

      await waiter.stop({ grace: 100 });
      await waiter();

      expect(waiter.exceptions).toEqual([]);
    });

    it('a copy whose worker exits is an error that names it', async () => {
      const waiter = concurrently(3, { engine }, bodies.exits);

      const error = (await caught(waiter())) as UnhandledErrors;

      expect(error.errors).toMatchObject([{ code: 'ERR_WORKER_DIED' }]);
      expect(String(error.errors[0])).toContain('exits[1]');
    });

    it('a copy that throws what cannot be sent is an error, and nothing hangs', async () => {
      const error = (await caught(
        concurrently(1, { engine }, bodies.throwsWhatCannotBeSent)(),
      )) as UnhandledErrors;

      expect(messages(error.errors)).toEqual(['not sendable']);
    });

    it.skipIf(row.killWorker === undefined)(
      'a worker that is killed from outside is an error that names the copy',
      async () => {
        const waiter = concurrently(1, { engine }, bodies.waitsToBeKilled);
        await until(() => log.texts.length === 1);
        row.killWorker?.(log.entries[0]?.pid as number);

        const error = (await caught(waiter())) as UnhandledErrors;

        expect(error.errors).toMatchObject([{ code: 'ERR_WORKER_DIED' }]);
        expect(String(error.errors[0])).toContain('waitsToBeKilled[0]');
      },
    );
  });

  timed('13 crawl: copies that fill the queue they take from', async () => {
    const queue = new Queue<number>();
    for (const page of range(4)) await queue.put(page);
    const waiter = concurrently(2, { engine, source: [queue, queue] }, bodies.crawls);

    await queue.join();
    await waiter.stop();

    expect(log.texts.toSorted()).toEqual(
      [0, 1, 10, 11, 2, 3].map((page) => `page ${page}`).toSorted(),
    );
  });

  timed('13 crawl: where every copy fails, the join ends with an error', async () => {
    const queue = new Queue<number>();
    await queue.put(0);
    const waiter = concurrently(2, { engine }, bodies.failsAtOnce);
    const closing = waiter().catch((error: unknown) => queue.close(error));

    const error = (await caught(queue.join())) as UnhandledErrors;
    await closing;

    expect(error).toBeInstanceOf(UnhandledErrors);
    expect(messages(error.errors)).toEqual(['the only one', 'the only one']);
  });

  timed('an item whose copy failed is reported, and handed to nobody else', async () => {
    const waiter = concurrently(2, { engine, source: range(5) }, bodies.takesOneAndFails);

    await waiter({ suppressErrors: true });

    const taken = log.texts.map((text) => Number(text.slice('took '.length)));
    expect(taken).toHaveLength(2);
    expect(new Set(taken).size).toBe(2);
    const failed = waiter.unfinished.filter(({ copy }) => copy !== undefined);
    expect(failed.map(({ item }) => item).toSorted()).toEqual(taken.toSorted());
    for (const { copy, error } of failed) {
      expect((error as Error).message).toBe(`error of copy ${copy}`);
      expect(isCancelled(error)).toBe(false);
    }
  });
}
