import {
  adaptive,
  allOf,
  type CallableLimiter,
  type Context,
  type ContextRunner,
  type Duration,
  KeyedLock,
  type Limiter,
  Lock,
  limiter,
  map,
  RateLimiter,
  type Runner,
  rateLimited,
  retry,
  Semaphore,
  sleep,
  TokenBucket,
} from 'skein';
import { expectTypeOf } from 'vitest';

const limit: CallableLimiter = limiter(1);
const lock = new Lock();
const rate = new RateLimiter({ maxCalls: 1, period: '1s' });

const scale = (n: number, by = 2): number => n * by;
const load = async (id: number, context: Context): Promise<string> => `${id} ${context.index}`;
const identity = <T>(value: T): T => value;

// Every function gets the context.
for (const runner of [
  limit,
  lock,
  rate,
  new TokenBucket({ rate: 1 }),
  adaptive({ max: 1 }),
  allOf(lock),
]) {
  const result = runner.run((context) => {
    expectTypeOf(context).toEqualTypeOf<Context>();
    return context.index;
  });
  expectTypeOf(result).toEqualTypeOf<Promise<number>>();
  expectTypeOf(runner.run(async () => 'text')).toEqualTypeOf<Promise<string>>();
}
expectTypeOf(lock.with((context) => context.signal)).toEqualTypeOf<Promise<AbortSignal>>();
expectTypeOf(new Semaphore(3).with((c) => c.index, 2)).toEqualTypeOf<Promise<number>>();
expectTypeOf(new KeyedLock<string>().with('key', (c) => c.index)).toEqualTypeOf<Promise<number>>();
expectTypeOf(retry((c) => c.attempt, { retries: 1, signal: AbortSignal.timeout(1) })).toEqualTypeOf<
  Promise<number>
>();
const limiters: readonly Limiter[] = [lock, new Semaphore(1), adaptive({ max: 1 })];
const runners: readonly ContextRunner[] = [...limiters, limit, rate, allOf(...limiters)];
expectTypeOf(runners[0]?.run((c) => c.index)).toEqualTypeOf<Promise<number> | undefined>();

// A runner of one's own need not know contexts.
const own: Runner = { run: async (fn) => fn() };
void map([1], (n) => n, { concurrency: own, pace: own });
void allOf(own, lock).run((context) => context.signal);

// The arguments of a call, and behind them the context.
expectTypeOf(limit(load, 1)).toEqualTypeOf<Promise<string>>();
expectTypeOf(limit((context) => context.signal)).toEqualTypeOf<Promise<AbortSignal>>();
expectTypeOf(limit(() => 1)).toEqualTypeOf<Promise<number>>();
expectTypeOf(limit(identity, 'text')).toEqualTypeOf<Promise<string>>();
expectTypeOf(
  limit(
    (n, text, context) => {
      expectTypeOf(n).toEqualTypeOf<number>();
      expectTypeOf(text).toEqualTypeOf<string>();
      expectTypeOf(context).toEqualTypeOf<Context>();
      return text;
    },
    1,
    'text',
  ),
).toEqualTypeOf<Promise<string>>();
void limit(fetch, 'https://example.org');
void limit(fetch, new URL('https://example.org'), { method: 'POST' });
void limit(sleep, '1s');
void limit((span: Duration) => sleep(span), '1s');
void limit((list: number[]) => list.length, [1, 2]);
void limit((...all: unknown[]) => all, 1, 'two');
void limit(scale, 1, 2);
// @ts-expect-error what is left out would be the context
void limit(scale, 1);
// @ts-expect-error too few
void limit((a: number, b: number) => a + b, 1);
// @ts-expect-error too many
void limit((a: number) => a, 1, 2);
// @ts-expect-error of another type
void limit((a: number) => a, 'text');
// @ts-expect-error the context would be one of the numbers
void limit((...all: number[]) => all, 1, 2);

// Wrapped functions take what their original does, but for a last parameter that is the context.
for (const wrapped of [limit.wrap(load), lock.wrap(load), rate.wrap(load)]) {
  expectTypeOf(wrapped(1)).toEqualTypeOf<Promise<string>>();
  // @ts-expect-error of another type
  void wrapped('text');
  // @ts-expect-error too few
  void wrapped();
}
const limited = rateLimited({ maxCalls: 1, period: '1s', key: (host: string) => host });
expectTypeOf(limited((host: string, path: string) => host + path)('host', 'path')).toEqualTypeOf<
  Promise<string>
>();
expectTypeOf(
  limited(async (host: string, { signal }: Context) => [host, signal])('host'),
).toEqualTypeOf<Promise<(string | AbortSignal)[]>>();
// @ts-expect-error the key is of another type
limited((id: number) => id);
// @ts-expect-error what is left out would be the context
void lock.wrap(scale)(1);
expectTypeOf(lock.wrap(scale)(1, undefined)).toEqualTypeOf<Promise<number>>();

// `this` is that of the original.
class Client {
  readonly host = 'host';
  load(this: Client, path: string): string {
    return this.host + path;
  }
}
const method = lock.wrap(Client.prototype.load);
expectTypeOf(method.call(new Client(), 'path')).toEqualTypeOf<Promise<string>>();
// @ts-expect-error it is a method of Client
void method('path');
