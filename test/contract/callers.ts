/**
 * All that calls a function when it is its turn: limiters, rates, locks, and `retry`.
 *
 * @module
 */
import {
  adaptive,
  allOf,
  BoundedSemaphore,
  CapacityLimiter,
  type Context,
  KeyedLock,
  keyed,
  Lock,
  limiter,
  RateLimiter,
  type Runner,
  rateLimited,
  retry,
  Semaphore,
  sleep,
  TokenBucket,
} from 'skein';

/** A function to be called. */
export type Work = (context: Context) => unknown;

/** How one call is bounded. */
export interface Bounds {
  readonly signal?: AbortSignal;
}

/** Something with room for one call, just made. */
export interface Room {
  /** Calls the function when it is its turn. */
  run(work: Work, bounds?: Bounds): Promise<unknown>;
}

/** One way to have a function called. */
export interface Caller {
  readonly name: string;
  make(): Room;
  /** It takes a signal. */
  readonly bounded: boolean;
  /** Who comes while one is at work waits until that has ended; else it waits for its time. */
  readonly holds: boolean;
  /** What has failed is tried again. Default false. */
  readonly repeats?: boolean;
}

const rate = () => new RateLimiter({ maxCalls: 1, period: '1h' });

/** With a `run` method. */
function runner(name: string, make: () => Runner, holds = true): Caller {
  return {
    name,
    make() {
      const made = make();
      return { run: (work, bounds) => made.run(work as () => unknown, bounds) };
    },
    bounded: true,
    holds,
  };
}

/** Without a signal of its own. */
function bare(name: string, make: () => (work: Work) => Promise<unknown>, holds = true): Caller {
  return { name, make: () => ({ run: make() }), bounded: false, holds };
}

/** A foreign runner, which knows nothing of contexts and scopes. */
function foreign(): Runner {
  let isTaken = false;
  const line = new Set<() => void>();
  return {
    async run<R>(fn: () => R | PromiseLike<R>, { signal }: Bounds = {}): Promise<R> {
      if (isTaken) {
        const turn = Promise.withResolvers<void>();
        const abort = () => turn.reject(signal?.reason);
        line.add(turn.resolve);
        signal?.addEventListener('abort', abort);
        await turn.promise.finally(() => {
          signal?.removeEventListener('abort', abort);
          line.delete(turn.resolve);
        });
      }
      isTaken = true;
      try {
        return await fn();
      } finally {
        isTaken = false;
        for (const next of line) {
          next();
          break;
        }
      }
    },
  };
}

/** All of them. */
export const callers: readonly Caller[] = [
  bare('limit(fn)', () => limiter(1)),
  bare('limit(fn) with a time-out', () => limiter({ concurrency: 1, timeout: '24h' })),
  bare('limit(fn) with a retry', () => limiter({ concurrency: 1, retry: 1 })),
  runner('limit.run', () => limiter(1)),
  runner('limit.run with a time-out', () => limiter({ concurrency: 1, timeout: '24h' })),
  {
    ...runner('limit.run with a retry', () => limiter({ concurrency: 1, retry: 1 })),
    repeats: true,
  },
  {
    ...runner('limit.run with a deadline', () =>
      limiter({ concurrency: 1, retry: { retries: 1, totalTimeout: '24h' } }),
    ),
    repeats: true,
  },
  runner('limit.run with a rate', () => limiter({ rate: '1/h' }), false),
  runner('limit.run with a spacing', () => limiter({ spacing: '1h' }), false),
  runner('limit.run at a semaphore', () => limiter({ concurrency: new Semaphore(1) })),
  runner('limit.run at a foreign limiter', () => limiter({ concurrency: foreign() })),
  runner('limit.run at a semaphore, with a rate', () =>
    limiter({ concurrency: new Semaphore(1), rate: '1000/s' }),
  ),
  bare('limit.wrap', () => {
    const limit = limiter(1);
    return async (work) => limit.wrap(work as () => unknown)();
  }),
  runner('keyed', () => keyed(() => limiter(1)).get('key')),
  runner('allOf limiters', () => allOf(limiter(1), new Semaphore(2), new Lock())),
  runner('allOf a lock and a rate', () => allOf(rate(), new Semaphore(2)), false),
  runner('allOf a foreign limiter', () => allOf(foreign())),
  runner('RateLimiter.run', rate, false),
  runner(
    'RateLimiter.run with a key',
    () => {
      const limit = rate();
      return { run: (fn, bounds) => limit.run(fn, { signal: bounds?.signal, key: 'key' }) };
    },
    false,
  ),
  bare(
    'RateLimiter.wrap',
    () => {
      const limit = rate();
      return async (work) => limit.wrap(work as () => unknown)();
    },
    false,
  ),
  bare(
    'rateLimited',
    () => {
      const limited = rateLimited({ maxCalls: 1, period: '1h' });
      return async (work) => limited(work as () => unknown)();
    },
    false,
  ),
  bare(
    'rateLimited with a key',
    () => {
      const limited = rateLimited({ maxCalls: 1, period: '1h', key: () => 'key' });
      return async (work) => limited(work as () => unknown)();
    },
    false,
  ),
  runner('TokenBucket.run', () => new TokenBucket({ rate: '1/h' }), false),
  runner('adaptive.run', () => adaptive({ max: 1 })),
  runner('Semaphore.run', () => new Semaphore(1)),
  runner('Semaphore.with', () => {
    const semaphore = new Semaphore(1);
    return { run: (fn, bounds) => semaphore.with(fn, bounds) };
  }),
  runner('Semaphore.with two', () => {
    const semaphore = new Semaphore(3);
    return { run: (fn, bounds) => semaphore.with(fn, 2, bounds) };
  }),
  bare('Semaphore.wrap', () => {
    const semaphore = new Semaphore(1);
    return async (work) => semaphore.wrap(work as () => unknown)();
  }),
  runner('BoundedSemaphore.run', () => new BoundedSemaphore(1)),
  runner('CapacityLimiter.run', () => new CapacityLimiter(1)),
  runner('Lock.run', () => new Lock()),
  runner('Lock.with', () => {
    const lock = new Lock();
    return { run: (fn, bounds) => lock.with(fn, bounds) };
  }),
  bare('Lock.wrap', () => {
    const lock = new Lock();
    return async (work) => lock.wrap(work as () => unknown)();
  }),
  runner('KeyedLock.with', () => {
    const lock = new KeyedLock<string>();
    return { run: (fn, bounds) => lock.with('key', fn, bounds) };
  }),
];

/** `retry`, which has no line. */
export const retrying: Caller = {
  ...runner(
    'retry',
    () => ({
      run: (fn, bounds) => retry(fn as Work, { retries: 3, signal: bounds?.signal }) as never,
    }),
    false,
  ),
  repeats: true,
};

/** No limits at all. */
export const unlimited: Caller = runner('allOf nothing', () => allOf(), false);

/** Takes the room, until `leave`. */
export async function occupy(room: Room): Promise<{ leave(): Promise<unknown> }> {
  const gone = Promise.withResolvers<void>();
  const entered = Promise.withResolvers<void>();
  const call = room.run(async () => {
    entered.resolve();
    await gone.promise;
  });
  await entered.promise;
  return {
    leave() {
      gone.resolve();
      return call;
    },
  };
}

/** Waits an hour, in the library. */
export const long: Work = () => sleep('1h');
