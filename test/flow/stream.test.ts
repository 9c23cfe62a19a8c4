import {
  type Flow,
  mapStream,
  moveOnAfter,
  type Outcome,
  schedule,
  scope,
  sleep,
  sleepForever,
} from 'skein';
import { idle, virtual } from 'skein/testing';
import { describe, expect, it } from 'vitest';

const boom = new Error('boom');

function* naturals(log: string[] = []): Generator<number> {
  try {
    for (let n = 0; ; n++) yield n;
  } finally {
    log.push('closed');
  }
}

async function take<T>(flow: Flow<T>, count: number): Promise<T[]> {
  const values: T[] = [];
  for await (const value of flow) {
    values.push(value);
    if (values.length === count) break;
  }
  return values;
}

describe('a stream gives back every value as it is', () => {
  it.each(['input', 'completion'] as const)(
    'in %s order: null, undefined, false and NaN too',
    (order) =>
      virtual(async () => {
        const values = [null, undefined, false, 0, '', Number.NaN];

        expect(
          await mapStream(values, (value) => value, { order, concurrency: 1 }).toArray(),
        ).toEqual(values);
      }),
  );
});

describe('a stream in input order', () => {
  it('holds later results behind a slow head, and no more than its buffer', () =>
    virtual(async () => {
      let started = 0;
      const flow = mapStream(
        naturals(),
        async (n) => {
          started++;
          await sleep(n === 0 ? 1000 : 1);
          return n;
        },
        { concurrency: 2, buffer: 5 },
      );

      const values = take(flow, 3);
      await sleep(500);
      expect([started, flow.stats.waiting]).toEqual([6, 5]);

      expect(await values).toEqual([0, 1, 2]);
    }));

  it('delivers what was finished before a failure, then the error', () =>
    virtual(async () => {
      const seen: unknown[] = [];

      try {
        const flow = mapStream([0, 1, 2, 3], async (n) => {
          await sleep(n);
          if (n === 2) throw boom;
          return n;
        });
        for await (const value of flow) seen.push(value);
      } catch (error) {
        seen.push(error);
      }

      expect(seen).toEqual([0, 1, boom]);
    }));

  it('ends with an AggregateError after all values where errors are to be passed over', () =>
    virtual(async () => {
      const seen: unknown[] = [];
      const flow = mapStream(
        [0, 1, 2, 3],
        (n) => {
          if (n % 2 === 1) throw new Error(`no ${n}`);
          return n;
        },
        { onError: 'continue', concurrency: 1, buffer: 1 },
      );

      try {
        for await (const value of flow) seen.push(value);
      } catch (error) {
        seen.push((error as AggregateError).errors.map(String));
      }

      expect(seen).toEqual([0, 2, ['Error: no 1', 'Error: no 3']]);
    }));
});

describe('settled', () => {
  it('gives every outcome in order, with its index and unwrap', () =>
    virtual(async () => {
      const outcomes: Outcome<number>[] = [];
      const flow = mapStream([0, 1, 2], (n) => {
        if (n === 1) throw boom;
        return n * 10;
      });

      for await (const outcome of flow.settled()) outcomes.push(outcome);

      expect(outcomes.map(({ status, index }) => [status, index])).toEqual([
        ['done', 0],
        ['failed', 1],
        ['done', 2],
      ]);
      expect(outcomes[2]?.unwrap()).toBe(20);
      expect(() => outcomes[1]?.unwrap()).toThrow(boom);
      expect(flow.errors).toEqual([]);
    }));
});

describe('back-pressure', () => {
  it('starts nothing that has no place, with a buffer of 0 one item a request', () =>
    virtual(async () => {
      let started = 0;
      const flow = mapStream(
        naturals(),
        (n) => {
          started++;
          return n;
        },
        { concurrency: 4, buffer: 0 },
      );
      const iterator = flow[Symbol.asyncIterator]();

      await iterator.next();
      await idle();
      expect(started).toBe(1);
      await Promise.all([iterator.next(), iterator.next()]);
      expect(started).toBe(3);
      await iterator.return?.();
    }));

  it('pulls nothing before the first request', () =>
    virtual(async () => {
      const log: string[] = [];
      const flow = mapStream(naturals(log), (n) => n);
      await idle();

      expect(flow.stats.pulled).toBe(0);
      await flow[Symbol.asyncDispose]();
      expect(log).toEqual([]);
    }));
});

describe('leaving a stream', () => {
  it('cancels and awaits the running, and closes the source, before the loop is over', () =>
    virtual(async (clock) => {
      const log: string[] = [];
      const body = async (n: number): Promise<number> => {
        try {
          await sleep(n === 0 ? 1 : 1000);
          return n;
        } catch (error) {
          log.push(`cancelled ${n}`);
          throw error;
        }
      };

      await take(mapStream(naturals(log), body, { concurrency: 3 }), 1);

      expect(log).toEqual(['closed', 'cancelled 1', 'cancelled 2', 'cancelled 3']);
      expect(clock.now()).toBe(1);
    }));

  it('return() works while next() is pending (S14)', () =>
    virtual(async () => {
      const iterator = mapStream([1], sleepForever)[Symbol.asyncIterator]();
      const pending = iterator.next();

      expect(await iterator.return?.()).toEqual({ done: true, value: undefined });
      expect(await pending).toEqual({ done: true, value: undefined });
      expect(await iterator.next()).toEqual({ done: true, value: undefined });
    }));

  it('a cancelled consumer ends the flow, wherever the flow was made', () =>
    virtual(async () => {
      const log: string[] = [];
      const flow = mapStream(naturals(log), () => sleep(100));

      const left = await moveOnAfter(50, () => flow.toArray(), 'left');

      expect([left, log]).toEqual(['left', ['closed']]);
    }));

  it('the scope in which a flow was made stops what nobody left', () =>
    virtual(async () => {
      const log: string[] = [];

      await scope(async () => {
        const iterator = mapStream(naturals(log), () => sleep(1))[Symbol.asyncIterator]();
        await iterator.next();
      });

      expect(log).toEqual(['closed']);
    }));

  it('throws what a source throws when it is closed', () =>
    virtual(async () => {
      const source: Iterable<number> = {
        [Symbol.iterator]: () => ({
          next: () => ({ done: false, value: 1 }),
          return: () => {
            throw boom;
          },
        }),
      };

      await expect(
        take(
          mapStream(source, (n) => n),
          1,
        ),
      ).rejects.toBe(boom);
    }));

  it('closes an asynchronous source that waits', () =>
    virtual(async () => {
      const log: string[] = [];
      async function* slow(): AsyncGenerator<number> {
        try {
          yield 1;
          await sleepForever();
        } finally {
          log.push('closed');
        }
      }

      await take(
        mapStream(slow(), (n) => n),
        1,
      );

      expect(log).toEqual(['closed']);
    }));

  it('survives a source that cancels the flow while it is read', () =>
    virtual(async () => {
      const log: string[] = [];
      const task = schedule(async () => {
        function* source(): Generator<number> {
          try {
            yield 1;
            task.cancel('from the source');
            yield 2;
          } finally {
            log.push('closed');
          }
        }
        await mapStream(source(), (n) => n).toArray();
      });

      expect((await task.settled()).status).toBe('cancelled');
      expect(log).toEqual(['closed']);
    }));
});

describe('the other ways to consume', () => {
  it('forEach waits for each call', () =>
    virtual(async (clock) => {
      const log: string[] = [];

      await mapStream([1, 2], (n) => n).forEach(async (n, { index }) => {
        await sleep(10);
        log.push(`${n}#${index} at ${clock.now()}`);
      });

      expect(log).toEqual(['1#0 at 10', '2#1 at 20']);
    }));

  it('stats tell how far it is', () =>
    virtual(async () => {
      const flow = mapStream([1, 2, 3], (n) => sleep(n * 10), {
        concurrency: 3,
        order: 'completion',
      });
      const iterator = flow[Symbol.asyncIterator]();
      await iterator.next();
      await idle();

      expect(flow.stats).toEqual({ pulled: 3, running: 2, done: 1, failed: 0, waiting: 0 });
      await iterator.return?.();
    }));
});
