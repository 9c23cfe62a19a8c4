/**
 * Random sequences of operations against simple models. What fails here is shrunk to the shortest sequence that fails.
 *
 * @module
 */
import fc from 'fast-check';
import {
  BoundedSemaphore,
  CapacityLimiter,
  channel,
  LifoQueue,
  Lock,
  PriorityQueue,
  Queue,
  ReadWriteLock,
  Semaphore,
} from 'skein';
import { virtual } from 'skein/testing';
import { describe, it } from 'vitest';
import { compareItems, ItemModel, type Step as ItemStep } from './item-model.ts';
import { compare, PermitModel, type Real, type Step } from './permit-model.ts';
import { fromChannel, fromQueue } from './queue-kinds.ts';

/** The same runs each time. */
const runs = { seed: 20_261_121, numRuns: 200 };

const index = fc.nat(40);
const idle = fc.constant({ do: 'idle' } as const);

function permitSteps(asks: readonly number[], late: fc.Arbitrary<boolean>): fc.Arbitrary<Step[]> {
  const ask = fc.constantFrom(...asks);
  const named = <N extends string>(...names: N[]) => fc.constantFrom(...names);
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: named('acquire'), ask, late }) },
    { weight: 1, arbitrary: fc.record({ do: named('try'), ask, late }) },
    { weight: 5, arbitrary: fc.record({ do: named('release', 'cancel'), index }) },
    {
      weight: 1,
      arbitrary: fc.record({ do: named('resize'), to: fc.integer({ min: 1, max: 5 }) }),
    },
    { weight: 1, arbitrary: idle },
  );
  return fc.array(step, { maxLength: 40 });
}

const never = fc.constant(false);

function run<T>(steps: fc.Arbitrary<T>, body: (steps: T) => Promise<void>): Promise<void> {
  return fc.assert(
    fc.asyncProperty(steps, (value) => virtual(() => body(value))),
    runs,
  );
}

function fromSemaphore(semaphore: Semaphore): Real {
  return {
    acquire: (ask) => semaphore.acquire(ask),
    tryAcquire: (ask) => semaphore.tryAcquire(ask),
    stats: () => semaphore.stats(),
    free: () => semaphore.available,
    resize: (to) => semaphore.resize(to),
  };
}

describe('permits against the model', () => {
  it('Semaphore', () =>
    run(permitSteps([1, 1, 2, 3], never), (steps) =>
      compare(new PermitModel(3), fromSemaphore(new Semaphore(3)), steps),
    ));

  it('BoundedSemaphore, not resized', () =>
    run(permitSteps([1, 2, 3], never), (steps) => {
      const { resize: _, ...real } = fromSemaphore(new BoundedSemaphore(3));
      return compare(new PermitModel(3), real, steps);
    }));

  it('CapacityLimiter', () =>
    run(permitSteps([1], never), (steps) => {
      const limiter = new CapacityLimiter(2);
      const real: Real = {
        acquire: () => limiter.acquire(),
        tryAcquire: () => limiter.tryAcquire(),
        stats: () => limiter.stats(),
        free: () => limiter.available,
        resize: (to) => {
          limiter.total = to;
        },
      };
      return compare(new PermitModel(2), real, steps);
    }));

  it('CapacityLimiter with borrowers', () =>
    run(permitSteps([1], never), (steps) => {
      const limiter = new CapacityLimiter(2);
      const real: Real = {
        acquire: () => limiter.acquire({}),
        tryAcquire: () => limiter.tryAcquire({}),
        stats: () => limiter.stats(),
        free: () => limiter.available,
      };
      return compare(new PermitModel(2), real, steps);
    }));

  it('Lock', () =>
    run(permitSteps([1], never), (steps) => {
      const lock = new Lock();
      const real: Real = {
        acquire: () => lock.acquire(),
        tryAcquire: () => lock.tryAcquire(),
        stats: () => lock.stats(),
        free: () => (lock.locked ? 0 : 1),
      };
      return compare(new PermitModel(1), real, steps);
    }));

  it.each(['fifo', 'writer', 'reader'] as const)('ReadWriteLock, prefer %s', (prefer) =>
    run(permitSteps([1, 1, 1000], never), (steps) => {
      const lock = new ReadWriteLock({ prefer });
      const real: Real = {
        acquire: (ask) => (ask === 1 ? lock.read() : lock.write()),
        tryAcquire: (ask) => (ask === 1 ? lock.tryRead() : lock.tryWrite()),
        stats: () => lock.stats(),
        free: () => [lock.readers, lock.writing],
      };
      const late = { fifo: undefined, writer: 1, reader: 1000 }[prefer];
      const ranked = steps.map((step) =>
        'ask' in step ? { ...step, late: step.ask === late } : step,
      );
      return compare(new PermitModel(1000), real, ranked, ({ free }) =>
        free === 0 ? [0, true] : [1000 - free, false],
      );
    }),
  );
});

function itemSteps(): fc.Arbitrary<ItemStep[]> {
  const item = fc.integer({ min: 0, max: 4 });
  const named = <N extends string>(...names: N[]) => fc.constantFrom(...names);
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.record({ do: named('put', 'select put', 'tryPut'), item }) },
    { weight: 6, arbitrary: fc.record({ do: named('get', 'select get', 'next', 'tryGet') }) },
    { weight: 3, arbitrary: fc.record({ do: named('cancel'), index }) },
    { weight: 2, arbitrary: idle },
    {
      weight: 1,
      arbitrary: fc.oneof(
        { weight: 4, arbitrary: idle },
        { weight: 1, arbitrary: fc.record({ do: named('close'), failing: fc.boolean() }) },
      ),
    },
  );
  return fc.array(step, { maxLength: 40 });
}

/** After all that are not greater. */
function sorted(items: number[], item: number): void {
  const at = items.findIndex((other) => other > item);
  items.splice(at < 0 ? items.length : at, 0, item);
}

describe('queues against the model', () => {
  it.each([1, 2, 5])('Queue of %d', (max) =>
    run(itemSteps(), (steps) =>
      compareItems(new ItemModel(max), fromQueue(new Queue({ max })), steps),
    ),
  );

  it.each([1, 3])('LifoQueue of %d', (max) =>
    run(itemSteps(), (steps) => {
      const model = new ItemModel(max, (items, item) => void items.unshift(item));
      return compareItems(model, fromQueue(new LifoQueue({ max })), steps);
    }),
  );

  it.each([1, 4])('PriorityQueue of %d', (max) =>
    run(itemSteps(), (steps) => {
      const compare = (a: unknown, b: unknown) => Number(a) - Number(b);
      return compareItems(
        new ItemModel(max, sorted),
        fromQueue(new PriorityQueue({ max, compare })),
        steps,
      );
    }),
  );

  it.each([0, 1, 3])('channel of %d', (capacity) =>
    run(itemSteps(), (steps) =>
      compareItems(new ItemModel(capacity), fromChannel(channel(capacity)), steps),
    ),
  );

  it('PriorityQueue gives what a stable sort gives', () =>
    fc.assert(
      fc.property(fc.array(fc.record({ rank: fc.nat(5), id: fc.nat() })), (jobs) => {
        const compare = (a: { rank: number }, b: { rank: number }) => a.rank - b.rank;
        const queue = new PriorityQueue({ compare });
        for (const job of jobs) queue.tryPut(job);
        const out = jobs.map(() => queue.tryGet()?.value);
        return jobs.toSorted(compare).every((job, n) => job === out[n]) && queue.size === 0;
      }),
      runs,
    ));
});
