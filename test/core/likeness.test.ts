import {
  adaptive,
  BoundedSemaphore,
  CapacityLimiter,
  type Context,
  inThread,
  Lock,
  limiter,
  moduleTasks,
  RateLimiter,
  rateLimited,
  Semaphore,
  TokenBucket,
  task,
} from 'skein';
import { fiber } from 'skein/fiber';
import { describe, expect, it } from 'vitest';

// biome-ignore lint/suspicious/noExplicitAny: functions of all shapes are wrapped.
type Any = (this: any, ...args: any[]) => any;

/** Everything that gives a function in the place of another one. */
const decorators: Readonly<Record<string, (fn: Any) => Any>> = {
  rateLimited: (fn) => rateLimited({ maxCalls: 99, period: 1 })(fn) as Any,
  'rateLimited with a key': (fn) =>
    rateLimited({ maxCalls: 99, period: 1, key: (k) => k })(fn) as Any,
  'RateLimiter.wrap': (fn) => new RateLimiter({ maxCalls: 99, period: 1 }).wrap(fn) as Any,
  'TokenBucket.wrap': (fn) => new TokenBucket({ rate: 1000, burst: 99 }).wrap(fn) as Any,
  'limiter.wrap': (fn) => limiter(1).wrap(fn) as Any,
  'limiter.wrap with rules': (fn) => limiter({ timeout: '1m', retry: 1 }).wrap(fn) as Any,
  'limiter.wrap at a semaphore': (fn) => limiter({ concurrency: new Semaphore(1) }).wrap(fn) as Any,
  'Lock.wrap': (fn) => new Lock().wrap(fn) as Any,
  'Semaphore.wrap': (fn) => new Semaphore(1).wrap(fn) as Any,
  'BoundedSemaphore.wrap': (fn) => new BoundedSemaphore(1).wrap(fn) as Any,
  'CapacityLimiter.wrap': (fn) => new CapacityLimiter(1).wrap(fn) as Any,
  'adaptive.wrap': (fn) => adaptive({ max: 1 }).wrap(fn) as Any,
};

/** Those that give the function itself. */
const markers: Readonly<Record<string, (fn: Any) => Any>> = {
  task: (fn) => task(import.meta, fn, `task ${lastName++}`),
  fiber: (fn) => fiber(fn) as Any,
};
let lastName = 0;

describe.each(Object.entries({ ...decorators, ...markers }))('a function made by %s', (_, wrap) => {
  it('has the name and the length of its original', () => {
    async function query(_host: string, _path: string, _context: Context): Promise<void> {}
    const wrapped = wrap(query);

    expect([wrapped.name, wrapped.length]).toEqual(['query', 3]);
    expect([wrap(() => 1).name, wrap(() => 1).length]).toEqual(['', 0]);
    const named = wrap(Object.defineProperty(() => 1, 'name', { value: 'renamed' }));
    expect(named.name).toBe('renamed');
    expect(wrap(query.bind(null, 'host')).name).toBe('bound query');
    expect(wrap(query.bind(null, 'host')).length).toBe(2);
    for (const key of ['name', 'length']) {
      expect(Object.getOwnPropertyDescriptor(wrapped, key)).toEqual(
        Object.getOwnPropertyDescriptor(query, key),
      );
    }
  });

  it('sees its this: as a method, with call, and none', async () => {
    const object = {
      own: 'its own',
      method: wrap(async function (this: { own: string } | undefined, more: string) {
        return `${this?.own} ${more}`;
      }),
    };

    expect(await object.method('method')).toBe('its own method');
    expect(await object.method.call({ own: 'a caller' }, 'called')).toBe('a caller called');
    const { method } = object;
    expect(await method('alone')).toBe('undefined alone');
  });
});

describe.each(Object.entries(decorators))('a function made by %s', (_, wrap) => {
  it('gets its arguments and behind them the context', async () => {
    const wrapped = wrap(async (...given: unknown[]) => given);

    for (const args of [[], [1], [1, 'two'], [1, 'two', undefined], [1, 2, 3, 4, 5]]) {
      const given = (await wrapped(...args)) as unknown[];
      const context = given.pop() as Context;
      expect(given).toEqual(args);
      expect([context.signal.aborted, context.index, context.attempt]).toEqual([false, 0, 1]);
    }
  });

  it('is a method of a class, and of each of its objects', async () => {
    class Client {
      readonly #host: string;
      constructor(host: string) {
        this.#host = host;
      }
      load(path: string): string {
        return `${this.#host}/${path}`;
      }
    }
    Client.prototype.load = wrap(Client.prototype.load) as never;

    expect(await new Client('a').load('x')).toBe('a/x');
    expect(await new Client('b').load('y')).toBe('b/y');
  });

  it('is refused for what is no function', () => {
    expect(() => wrap(5 as never)).toThrow(/Expected fn to be a function: got 5/);
  });
});

it('the tasks of a module have the names of its functions', () => {
  const tasks = moduleTasks<{ load(): void }>(new URL('file:///anywhere.js'));

  expect(tasks.load.name).toBe('load');
  expect(inThread.name).toBe('inThread');
});
