// biome-ignore-all lint/style/noExcessiveLinesPerFile: conformance tests are one file a source.
/**
 * Cases 14 to 28: `concurrent`, after aio.tasks.concurrent.
 *
 * @module
 */
import { availableParallelism } from 'node:os';
import {
  ConcurrentError,
  ConcurrentExecutionError,
  ConcurrentIteratorError,
  type ConcurrentOptions,
  concurrent,
  StuckTasks,
  schedule,
  shield,
  sleep,
  type Thunk,
  TimedOut,
} from 'skein';
import { idle, virtual } from 'skein/testing';
import { describe, expect, it } from 'vitest';
import { caught, drain, Inputs, job, Log, notAThunk, range, u } from './jobs.ts';

describe('14 completion-order', () => {
  const jobs = () => [job(0, 4), job(1, 3), job(2, 2), job(3, 1)];

  it('14 completion-order: streams results as they complete', () =>
    virtual(async (clock) => {
      const seen: [number, number][] = [];

      for await (const value of concurrent(jobs())) seen.push([value, clock.now()]);

      expect(seen).toEqual([
        [3, u],
        [2, 2 * u],
        [1, 3 * u],
        [0, 4 * u],
      ]);
    }));

  it('14 completion-order: gives the same list when it collects', () =>
    virtual(async () => {
      expect(await concurrent(jobs()).toArray()).toEqual([3, 2, 1, 0]);
    }));

  it('14 completion-order: gives no values for an empty list', () =>
    virtual(async () => {
      expect(await drain(concurrent([]))).toEqual({ values: [], error: undefined });
    }));

  it('14 completion-order: gives no values for an empty generator', () =>
    virtual(async () => {
      const empty = new Inputs(0, (i) => job(i, 1));

      expect(await drain(concurrent(empty))).toEqual({ values: [], error: undefined });
      expect(empty.closed).toBe(1);
    }));
});

describe('15 lazy', () => {
  it('15 lazy: pulls nothing when it is constructed and left alone', () =>
    virtual(async () => {
      const log = new Log();
      const inputs = new Inputs(20, (i) => log.job(i, 1));

      const flow = concurrent(inputs, { limit: 4 });
      await sleep(10 * u);

      expect(inputs.pulled).toBe(0);
      expect(log.entries).toEqual([]);
      expect(flow.stats.pulled).toBe(0);
    }));

  it.each([1, 2, 7])('15 lazy: runs %i after the first next and pulls at most one more', (limit) =>
    virtual(async () => {
      const log = new Log();
      const inputs = new Inputs(20, (i) => log.job(i, 1));
      const iterator = concurrent(inputs, { limit })[Symbol.asyncIterator]();

      const first = iterator.next();
      await idle();

      expect(log.running).toBe(limit);
      expect(inputs.pulled).toBeGreaterThanOrEqual(limit);
      expect(inputs.pulled).toBeLessThanOrEqual(limit + 1);
      expect(await first).toEqual({ done: false, value: 0 });
      await iterator.return?.();
    }),
  );
});

describe('16 limit-semantics', () => {
  it('16 limit-semantics: never runs more than the limit at once', () =>
    virtual(async () => {
      const log = new Log();
      const durations = [3, 1, 2, 5, 1, 1, 4, 2, 1, 3];

      const values = await concurrent(
        durations.map((units, i) => log.job(i, units)),
        { limit: 3 },
      ).toArray();

      expect(values.toSorted()).toEqual(range(10));
      expect(log.most).toBe(3);
    }));

  it('16 limit-semantics: starts a new one as soon as one ends', () =>
    virtual(async (clock) => {
      const starts: number[] = [];
      const jobs = [5, 1, 2, 1].map((units) => async () => {
        starts.push(clock.now());
        await sleep(units * u);
      });

      await concurrent(jobs, { limit: 2 }).toArray();

      expect(starts).toEqual([0, 0, u, 3 * u]);
      expect(clock.now()).toBe(5 * u);
    }));

  it.each([-1, Number.POSITIVE_INFINITY])(
    '16 limit-semantics: starts all 20 with limit %d',
    (limit) =>
      virtual(async () => {
        const log = new Log();

        await concurrent(new Inputs(20, (i) => log.job(i, 1)), { limit }).toArray();

        expect(log.most).toBe(20);
      }),
  );

  it('16 limit-semantics: starts both of two with limit 50', () =>
    virtual(async (clock) => {
      const log = new Log();

      await concurrent([log.job(0, 1), log.job(1, 1)], { limit: 50 }).toArray();

      expect(log.most).toBe(2);
      expect(clock.now()).toBe(u);
    }));

  it('16 limit-semantics: is min(32, cores + 4) when it is not set', () =>
    virtual(async () => {
      const log = new Log();

      await concurrent(new Inputs(50, (i) => log.job(i, 1))).toArray();

      expect(log.most).toBe(Math.min(32, availableParallelism() + 4));
    }));

  it.each([0, -2, 1.5, Number.NaN])('16 limit-semantics: refuses %d at the call', (limit) => {
    const inputs = new Inputs(1, (i) => job(i, 1));

    expect(() => concurrent(inputs, { limit })).toThrow(RangeError);
    expect(inputs.pulled).toBe(0);
  });

  it('16 limit-semantics: refuses a text at the call', () => {
    // @ts-expect-error a limit is a number
    expect(() => concurrent([job(0, 1)], { limit: '3' })).toThrow(TypeError);
  });
});

describe('17 fail-default', () => {
  function failing(log: Log, error: Error): Inputs<Thunk<number>> {
    return new Inputs(20, (i) => log.job(i, i + 1, i === 1 ? error : undefined));
  }

  it('17 fail-default: cancels the running and never starts the rest', () =>
    virtual(async (clock) => {
      const log = new Log();
      const error = new Error('job 1');

      const outcome = await drain(concurrent(failing(log, error), { limit: 3 }));

      expect(outcome.values).toEqual([0]);
      expect(outcome.error).toBeInstanceOf(ConcurrentExecutionError);
      expect(log.entries).toEqual(['s0', 's1', 's2', 'e0', 's3', 'e1', 'x2', 'x3']);
      expect(clock.now()).toBe(2 * u);
      await sleep(50 * u);
      expect(log.count('s')).toBe(4);
    }));

  it('17 fail-default: has the original as its cause and names the input', () =>
    virtual(async () => {
      const error = new Error('job 1');

      const outcome = await drain(concurrent(failing(new Log(), error), { limit: 3 }));

      expect(outcome.error).toBeInstanceOf(ConcurrentError);
      expect(outcome.error).toMatchObject({ index: 1 });
      expect((outcome.error as Error).cause).toBe(error);
    }));

  it('17 fail-default: has run the cleanup of the source by then', () =>
    virtual(async () => {
      const inputs = failing(new Log(), new Error('job 1'));
      let closed: number | undefined;

      try {
        for await (const _ of concurrent(inputs, { limit: 3 }));
      } catch {
        closed = inputs.closed;
      }

      expect(closed).toBe(1);
    }));

  it('17 fail-default: reports the failure only when the cancelled have ended', () =>
    virtual(async (clock) => {
      const log: string[] = [];
      const slow = async () => {
        try {
          await sleep(50 * u);
        } finally {
          await shield(() => sleep(2 * u));
          log.push('cleaned up');
        }
        return 0;
      };

      const outcome = await drain(concurrent([slow, job(1, 1, new Error('job 1'))], { limit: 2 }));

      expect(outcome.error).toBeInstanceOf(ConcurrentExecutionError);
      expect(log).toEqual(['cleaned up']);
      expect(clock.now()).toBe(3 * u);
    }));

  it('17 fail-default: waits for a body that ignores cancellation for the grace time at most', () =>
    virtual(async (clock) => {
      const error = new Error('job 1');
      const deaf = () => shield(() => sleep(50 * u).then(() => 0));
      const flow = concurrent([deaf, job(1, 1, error)], { limit: 2, grace: 3 * u });

      const outcome = await drain(flow);

      expect(clock.now()).toBe(4 * u);
      expect((outcome.error as Error).cause).toBe(error);
      expect(flow.errors.at(-1)).toBeInstanceOf(StuckTasks);
      await sleep(50 * u);
    }));
});

describe('18 fail-stops-now', () => {
  it.each([undefined, 10, -1])(
    '18 fail-stops-now: starts nothing after the failure with buffer %s',
    (buffer) =>
      virtual(async (clock) => {
        const error = new Error('input 3');
        const starts: number[] = [];
        let failedAt = Number.NaN;
        const inputs = range(40).map((i) => async () => {
          starts.push(clock.now());
          await sleep(u);
          if (i !== 3) return i;
          failedAt = clock.now();
          throw error;
        });
        const flow = concurrent(inputs, { limit: 2, ...(buffer === undefined ? {} : { buffer }) });
        const values: number[] = [];

        const thrown = await caught(() =>
          flow.forEach(async (value) => {
            values.push(value);
            await sleep(5 * u);
          }),
        );

        expect((thrown as Error).cause).toBe(error);
        expect(clock.now()).toBeGreaterThan(failedAt);
        expect(values).toEqual([0, 1, 2]);
        // Input 2 may have ended at the very instant of the failure and have let one more in.
        expect(Math.max(...starts)).toBeLessThanOrEqual(failedAt);
        expect(starts.length).toBeLessThanOrEqual(5);
      }),
  );

  it('18 fail-stops-now: cancels what runs at the failure and starts nothing in its place', () =>
    virtual(async () => {
      const log = new Log();
      const error = new Error('input 3');
      const inputs = range(40).map((i) => (i === 3 ? log.job(i, 1.5, error) : log.job(i, 1)));
      const values: number[] = [];

      const thrown = await caught(() =>
        concurrent(inputs, { limit: 2, buffer: 10 }).forEach(async (value) => {
          values.push(value);
          await sleep(5 * u);
        }),
      );

      expect((thrown as Error).cause).toBe(error);
      expect(values).toEqual([0, 1, 2]);
      expect(log.entries.slice(-4)).toEqual(['e2', 's4', 'e3', 'x4']);
      expect(log.count('s')).toBe(5);
    }));

  it('18 fail-stops-now: delivers results that finished before it first', () =>
    virtual(async (clock) => {
      const error = new Error('input 3');
      const inputs = [job(0, 1), job(1, 2), job(2, 3), job(3, 4, error), job(4, 50)];
      const seen: [number, number][] = [];
      let thrownAt: number | undefined;

      try {
        for await (const value of concurrent(inputs, { limit: -1 })) {
          seen.push([value, clock.now()]);
          await sleep(5 * u);
        }
      } catch {
        thrownAt = clock.now();
      }

      expect(seen).toEqual([
        [0, u],
        [1, 6 * u],
        [2, 11 * u],
      ]);
      expect(thrownAt).toBe(16 * u);
    }));
});

describe('19 yield-exceptions', () => {
  it('19 yield-exceptions: gives errors as values in completion order and ends normally', () =>
    virtual(async () => {
      const error = new Error('input 1');
      const inputs = [job(0, 2), job(1, 1, error), notAThunk('no function'), job(2, 2)];

      const { values, error: thrown } = await drain(concurrent(inputs, { yieldErrors: true }));

      expect(thrown).toBeUndefined();
      expect(values).toHaveLength(4);
      expect(values[0]).toBeInstanceOf(ConcurrentError);
      expect((values[0] as Error).message).toMatch(/not a /);
      expect(values[1]).toBeInstanceOf(ConcurrentExecutionError);
      expect((values[1] as Error).cause).toBe(error);
      expect(values.slice(2)).toEqual([0, 2]);
    }));

  it('19 yield-exceptions: refuses a promise, which is running already, by its position', () =>
    virtual(async () => {
      const inputs = [job(0, 1), job(1, 1), notAThunk(Promise.resolve(2))];

      const { error } = await drain(concurrent(inputs, { limit: 5 }));

      expect(error).toBeInstanceOf(ConcurrentError);
      expect((error as Error).cause).toBeInstanceOf(TypeError);
      expect(String((error as Error).cause)).toMatch(/\b2\b.*promise/);
    }));
});

describe('20 iterator-error', () => {
  const broken = new Error('K');

  it.each([false, true])(
    '20 iterator-error: delivers nothing and cancels, yieldErrors %s',
    (yieldErrors) =>
      virtual(async (clock) => {
        const log = new Log();
        const inputs = new Inputs(2, (i) => log.job(i, i === 0 ? 2 : 5), broken);

        const { values, error } = await drain(concurrent(inputs, { limit: 4, yieldErrors }));

        expect(values).toEqual([]);
        expect(error).toBeInstanceOf(ConcurrentIteratorError);
        expect((error as Error).cause).toBe(broken);
        expect(clock.now()).toBe(0);
        expect(log.entries).toEqual(['s0', 's1', 'x0', 'x1']);
      }),
  );

  it('20 iterator-error: does the same for an asynchronous source', () =>
    virtual(async (clock) => {
      const log = new Log();
      async function* source() {
        yield log.job(0, 2);
        yield log.job(1, 5);
        throw broken;
      }

      const { values, error } = await drain(concurrent(source(), { limit: 4 }));

      expect(values).toEqual([]);
      expect(error).toBeInstanceOf(ConcurrentIteratorError);
      expect((error as Error).cause).toBe(broken);
      expect(clock.now()).toBe(0);
      expect(log.entries).toEqual(['s0', 's1', 'x0', 'x1']);
    }));

  it('20 iterator-error: comes when the source is read, one ahead of limit 1', () =>
    virtual(async () => {
      const log = new Log();
      const inputs = new Inputs(3, (i) => log.job(i, 2), broken);

      const { values, error } = await drain(concurrent(inputs, { limit: 1 }));

      expect(values).toEqual([0, 1]);
      expect(error).toBeInstanceOf(ConcurrentIteratorError);
      expect((error as Error).cause).toBe(broken);
      expect(log.entries).toEqual(['s0', 'e0', 's1', 'e1', 's2', 'x2']);
    }));

  it.each([5, null, undefined, {}])(
    '20 iterator-error: refuses %s, which is not iterable',
    (input) => {
      const call = () => concurrent(input as unknown as Thunk<number>[]);

      expect(call).toThrow(ConcurrentIteratorError);
    },
  );
});

describe('21 break', () => {
  it('21 break: is over when the loop is, and nothing runs afterwards', () =>
    virtual(async () => {
      const log = new Log();
      const inputs = new Inputs(10, (i) => log.job(i, 2));

      for await (const value of concurrent(inputs, { limit: 2 })) {
        expect(value).toBe(0);
        break;
      }

      const after = [...log.entries];
      expect(log.running).toBe(0);
      expect(log.count('x')).toBeGreaterThan(0);
      expect(log.count('e') + log.count('x')).toBe(log.count('s'));
      expect(log.count('s')).toBeLessThanOrEqual(4);
      expect(inputs.closed).toBe(1);
      await sleep(50 * u);
      expect(log.entries).toEqual(after);
    }));

  it('21 break: cancels what is in the middle of its work', () =>
    virtual(async (clock) => {
      const log = new Log();
      const durations = [1, 3, 3, 3];
      const inputs = new Inputs(4, (i) => log.job(i, durations[i] ?? 0));

      for await (const _ of concurrent(inputs, { limit: 2 })) break;

      expect(clock.now()).toBe(u);
      expect(log.entries.slice(0, 3)).toEqual(['s0', 's1', 'e0']);
      expect(log.entries).toContain('x1');
      expect(log.running).toBe(0);
    }));

  it.each([
    ['while it waits for a value', 1, 0],
    ['while it is busy with one', 3, 50],
  ])('21 break: is the same when the consumer is cancelled %s', (_, at, busy) =>
    virtual(async (clock) => {
      const log = new Log();
      const inputs = new Inputs(10, (i) => log.job(i, 2));
      const consumer = schedule(async () => {
        for await (const _value of concurrent(inputs, { limit: 2 })) await sleep(busy * u);
      });
      await sleep(at * u);

      consumer.cancel();
      const { status } = await consumer.settled();

      const after = [...log.entries];
      expect(status).toBe('cancelled');
      expect(clock.now()).toBe(at * u);
      expect(log.running).toBe(0);
      expect(log.count('x')).toBeGreaterThan(0);
      expect(inputs.closed).toBe(1);
      await sleep(50 * u);
      expect(log.entries).toEqual(after);
    }),
  );
});

describe('22 backpressure', () => {
  it.each([0, 1, 2, 5])('22 backpressure: pulls no further than a buffer of %i allows', (buffer) =>
    virtual(async () => {
      const inputs = new Inputs(Number.POSITIVE_INFINITY, (i) => job(i, 1));
      const flow = concurrent(inputs, { limit: 2, buffer });
      const iterator = flow[Symbol.asyncIterator]();

      const first = await iterator.next();
      await sleep(100 * u);

      expect(first).toEqual({ done: false, value: 0 });
      expect(inputs.pulled).toBeLessThanOrEqual(1 + 2 + buffer);
      await iterator.return?.();
    }),
  );

  it('22 backpressure: uses its buffer while the consumer rests', () =>
    virtual(async () => {
      const log = new Log();
      const inputs = new Inputs(Number.POSITIVE_INFINITY, (i) => log.job(i, 1));
      const iterator = concurrent(inputs, { limit: 2, buffer: 5 })[Symbol.asyncIterator]();

      await iterator.next();
      await sleep(100 * u);

      expect(log.count('e')).toBe(1 + 5);
      await iterator.return?.();
    }));

  it('22 backpressure: keeps the number of waiting results flat', () =>
    virtual(async () => {
      const inputs = new Inputs(Number.POSITIVE_INFINITY, (i) => job(i, 1));
      const flow = concurrent(inputs, { limit: 2, buffer: 3 });
      let taken = 0;
      let most = 0;

      for await (const _ of flow) {
        taken++;
        await sleep(2 * u);
        most = Math.max(most, inputs.pulled - taken, flow.stats.waiting);
        if (taken === 500) break;
      }

      expect(most).toBeLessThanOrEqual(2 + 3);
    }));
});

describe('23 infinite-lazy-error', () => {
  class Endless implements Iterator<Thunk<number>>, Iterable<Thunk<number>> {
    nexts = 0;
    returns = 0;
    readonly #make: (i: number) => Thunk<number>;

    constructor(make: (i: number) => Thunk<number>) {
      this.#make = make;
    }

    [Symbol.iterator](): this {
      return this;
    }

    next(): IteratorResult<Thunk<number>> {
      return { done: false, value: this.#make(this.nexts++) };
    }

    return(): IteratorResult<Thunk<number>> {
      this.returns++;
      return { done: true, value: undefined };
    }
  }

  it.each([0, 1])('23 infinite-lazy-error: ends soon and closes the source, jobs of %iu', (units) =>
    virtual(async (clock) => {
      const error = new Error('item 2');
      const source = new Endless((i) => job(i, units, i === 2 ? error : undefined));

      const outcome = await drain(concurrent(source, { limit: 2 }));
      const { nexts, returns } = source;

      expect((outcome.error as Error).cause).toBe(error);
      expect(clock.now()).toBeLessThanOrEqual(10 * u);
      expect(returns).toBe(1);
      await sleep(50 * u);
      expect(source).toMatchObject({ nexts, returns: 1 });
    }),
  );

  it('23 infinite-lazy-error: ends soon when the item throws where it is called', () =>
    virtual(async () => {
      const error = new Error('item 2');
      const source = new Endless((i) => () => {
        if (i === 2) throw error;
        return i;
      });

      const outcome = await drain(concurrent(source, { limit: 2 }));

      expect(outcome.values).toEqual([0, 1]);
      expect((outcome.error as Error).cause).toBe(error);
      expect(source.returns).toBe(1);
      // Only what is pulled one ahead may have come after item 2.
      expect(source.nexts).toBeLessThanOrEqual(4);
    }));
});

describe('24 single-use', () => {
  it('24 single-use: throws at once when it is iterated again after its end', () =>
    virtual(async (clock) => {
      const flow = concurrent([job(0, 1)]);
      await flow.toArray();

      expect(() => flow[Symbol.asyncIterator]()).toThrow(TypeError);
      await expect(flow.toArray()).rejects.toThrow(TypeError);
      expect(clock.now()).toBe(u);
    }));

  it('24 single-use: throws at once when it is iterated again before its end', () =>
    virtual(async () => {
      const flow = concurrent([job(0, 1), job(1, 2)]);
      const seen: number[] = [];

      for await (const value of flow) {
        expect(() => flow[Symbol.asyncIterator]()).toThrow(TypeError);
        seen.push(value);
      }

      expect(seen).toEqual([0, 1]);
    }));
});

describe('25 slow-source', () => {
  it('25 slow-source: gives each result when it is there and does not wait for the source', () =>
    virtual(async (clock) => {
      async function* source() {
        for (let i = 0; i < 4; i++) {
          yield job(i, 0.1);
          await sleep(u);
        }
      }
      const seen: [number, number][] = [];

      for await (const value of concurrent(source(), { limit: 2 })) seen.push([value, clock.now()]);

      expect(seen).toEqual([
        [0, 0.1 * u],
        [1, 1.1 * u],
        [2, 2.1 * u],
        [3, 3.1 * u],
      ]);
    }));
});

describe('26 values-not-errors', () => {
  const returned = [
    new ConcurrentError('a value', 0, undefined),
    new ConcurrentExecutionError('a value', 0, undefined),
    new ConcurrentIteratorError('a value', 0, undefined),
    new TimedOut(1),
  ];

  it.each(returned)('26 values-not-errors: delivers a returned $name as a value', (error) =>
    virtual(async () => {
      const outcome = await drain(concurrent([async () => error, () => error]));

      expect(outcome.error).toBeUndefined();
      expect(outcome.values).toHaveLength(2);
      expect(outcome.values[0]).toBe(error);
      expect(outcome.values[1]).toBe(error);
    }),
  );
});

describe('27 nested', () => {
  it('27 nested: runs streams inside the bodies of a stream', () =>
    virtual(async () => {
      const sum = (i: number) => async () => {
        let total = 0;
        for await (const value of concurrent(
          range(i + 1).map((k) => job(k, 1)),
          { limit: 1 },
        )) {
          total += value;
        }
        return total;
      };

      const sums = await concurrent(range(4).map(sum), { limit: 2 }).toArray();

      expect(new Set(sums)).toEqual(new Set([0, 1, 3, 6]));
      expect(sums).toHaveLength(4);
    }));
});

describe('28 unlimited-fair', () => {
  const options: ConcurrentOptions & { yieldErrors?: false } = { limit: -1 };

  /** The best of a few attempts: what a busy machine adds is in the others. */
  async function best(attempts: number, measure: () => Promise<number>): Promise<number> {
    let least = Number.POSITIVE_INFINITY;
    for (let i = 0; i < attempts; i++) least = Math.min(least, await measure());
    return least;
  }

  const kinds: [string, (i: number) => Thunk<number>][] = [
    ['async', (i) => async () => i],
    ['plain', (i) => () => i],
  ];

  it.each(kinds)(
    '28 unlimited-fair: a timer armed before 100k %s functions fires within 50 ms',
    async (_, make) => {
      const inputs = range(100_000).map(make);

      const late = await best(5, async () => {
        const start = performance.now();
        const fired = new Promise<number>((resolve) => {
          setTimeout(() => resolve(performance.now() - start), 1);
        });
        expect(await concurrent(inputs, options).toArray()).toHaveLength(100_000);
        return fired;
      });

      expect(late).toBeLessThan(50);
    },
    60_000,
  );

  /** Functions that all end at once when the last has started, in the order of `arrange`. */
  function ending(count: number, arrange: (ends: (() => void)[]) => (() => void)[]) {
    const ends: (() => void)[] = [];
    return range(count).map((i) => () => {
      const { promise, resolve } = Promise.withResolvers<number>();
      ends.push(() => resolve(i));
      if (ends.length === count) {
        queueMicrotask(() => {
          for (const end of arrange(ends)) end();
        });
      }
      return promise;
    });
  }

  const orders: [string, (ends: (() => void)[]) => (() => void)[], number][] = [
    ['in order', (ends) => ends, 0],
    ['in reverse', (ends) => ends.toReversed(), 1],
  ];

  it.each(orders)(
    '28 unlimited-fair: the cost is linear when all complete %s',
    async (_, arrange, reversed) => {
      const cost = (count: number) => async () => {
        const inputs = ending(count, arrange);
        const start = performance.now();
        const values = await concurrent(inputs, options).toArray();
        const took = performance.now() - start;
        expect(values).toHaveLength(count);
        expect(values[0]).toBe(reversed === 1 ? count - 1 : 0);
        return took;
      };
      await cost(100_000)();

      // Not fewer: from about 50k on the promises themselves cost more each, as they outgrow the nursery of the host's heap.
      const small = await best(3, cost(100_000));
      const large = await best(3, cost(400_000));

      // Linear: 4 times; quadratic: 16 times.
      expect(large / small).toBeLessThan(10);
    },
    60_000,
  );
});
