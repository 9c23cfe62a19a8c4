import {
  type Arguments,
  type CallableLimiter,
  type Context,
  task as declare,
  type Engine,
  generateIn,
  generateInProcess,
  generateInThread,
  inProcess,
  inThread,
  limiter,
  loop,
  type MaybePromise,
  map,
  mapStream,
  moduleTasks,
  Queue,
  type Received,
  runSync,
  Semaphore,
  threads,
} from 'skein';
import { fibers } from 'skein/fiber';
import { expectTypeOf } from 'vitest';

const add = (a: number, b: number): number => a + b;
const scale = (n: number, by = 2): number => n * by;
const withContext = async (item: string, context: Context): Promise<number> =>
  item.length + context.index;
const identity = <T>(value: T): T => value;
const engine: Engine = threads();

// What is not annotated is known from the arguments, and the context comes last.
void inThread(
  async (n, text, context) => {
    expectTypeOf(n).toEqualTypeOf<number>();
    expectTypeOf(text).toEqualTypeOf<string>();
    expectTypeOf(context).toEqualTypeOf<Context>();
  },
  5,
  'a',
);
void engine.submit(
  (n, context) => {
    expectTypeOf(n).toEqualTypeOf<number>();
    expectTypeOf(context).toEqualTypeOf<Context>();
  },
  [5],
  {},
);
expectTypeOf(inProcess((context) => context.signal)).toEqualTypeOf<Promise<AbortSignal>>();
expectTypeOf(inThread((n: number, context) => [n, context.index], 1)).toEqualTypeOf<
  Promise<number[]>
>();
void generateInThread(function* (n, context) {
  expectTypeOf(context).toEqualTypeOf<Context>();
  yield n;
}, 5);

// The context may be left out, or be a part of what it is; then it is not an argument.
expectTypeOf(inThread(add, 1, 2)).toEqualTypeOf<Promise<number>>();
expectTypeOf(inThread(withContext, 'a')).toEqualTypeOf<Promise<number>>();
expectTypeOf(loop().submit(withContext, ['a'], {})).toEqualTypeOf<Promise<number>>();
expectTypeOf(fibers().submit(withContext, ['a'], {})).toEqualTypeOf<Promise<number>>();
expectTypeOf(
  inThread((_n: number, { signal }: { signal: AbortSignal }) => signal.aborted, 1),
).toEqualTypeOf<Promise<boolean>>();
expectTypeOf(inThread((_n: number, context?: Context) => context?.index, 1)).toEqualTypeOf<
  Promise<number | undefined>
>();
expectTypeOf(inThread(fetch, 'https://example.org')).toEqualTypeOf<Promise<Response>>();

// An argument that is left out would be the context.
// @ts-expect-error b is missing
void inThread(add, 1);
// @ts-expect-error a and b are missing
void inProcess(add);
// @ts-expect-error b is missing
void engine.submit(add, [1], {});
// @ts-expect-error b would be the context
void inThread(scale, 1);
// @ts-expect-error b would be the context
void inThread((a: number, b = 2) => a * b, 1);
// @ts-expect-error b would be the context
void inThread((a: number, b?: number) => a * (b ?? 2), 1);
// @ts-expect-error b would be the context
void loop().submit(scale, [1], {});
// @ts-expect-error b would be the context
void fibers().submit(scale, [1], {});
// @ts-expect-error the radix would be the context
void inThread(Number.parseInt, '10');
// @ts-expect-error the end is missing
void generateInThread(function* (from: number, to: number) {
  yield from + to;
}, 1);
// @ts-expect-error the end would be the context
void generateInProcess(function* (from: number, to = 9) {
  yield [from, to];
}, 1);
// @ts-expect-error the end would be the context
void generateIn(
  engine,
  {},
  function* (from: number, to?: number) {
    yield [from, to];
  },
  1,
);
// @ts-expect-error in a flow, too
void map([1], scale, { engine });
// @ts-expect-error what follows the context
void inThread((a: number, context: Context, b: number) => a + b + context.index, 1);
expectTypeOf(inThread(scale, 1, 2)).toEqualTypeOf<Promise<number>>();
expectTypeOf(inThread(scale, 1, undefined)).toEqualTypeOf<Promise<number>>();
expectTypeOf(engine.submit(scale, [1, 2], {})).toEqualTypeOf<Promise<number>>();
expectTypeOf(engine.submit(scale, [1, undefined], {})).toEqualTypeOf<Promise<number>>();

// One too many is one that nobody takes, as in a direct call.
// @ts-expect-error it takes none
void inThread(() => 1, 5);
// @ts-expect-error it takes two
void engine.submit(add, [1, 2, 3], {});

// A rest parameter takes the context, too.
// @ts-expect-error the last number would be the context
void inThread((...numbers: number[]) => numbers.length, 1, 2);
// @ts-expect-error the only number would be the context
void inThread((...numbers: number[]) => numbers.length);
// @ts-expect-error the last number would be the context
void engine.submit((first: string, ...numbers: number[]) => [first, numbers], ['a', 1], {});
void inThread((...all: unknown[]) => all.length, 1, 'a');
void inThread((first: string, ...all: (number | Context)[]) => [first, all.length], 'a', 1);
expectTypeOf(inThread((...[a, b]: [number, number]) => a + b, 1, 2)).toEqualTypeOf<
  Promise<number>
>();

// What a parameter says is what an argument is seen as.
expectTypeOf(inThread((mode: 'r' | 'w') => mode, 'r')).toEqualTypeOf<Promise<'r' | 'w'>>();
expectTypeOf(engine.submit((mode: 'r' | 'w') => mode, ['r'], {})).toEqualTypeOf<
  Promise<'r' | 'w'>
>();
void inThread(({ mode }: { mode: 'r' | 'w' }) => mode, { mode: 'r' });
void engine.submit(({ mode }: { mode: 'r' | 'w' }) => mode, [{ mode: 'r' }], {});
void inThread((modes: Set<'r' | 'w'>) => modes.size, new Set(['r']));
void inThread((pair: [number, string]) => pair, [1, 'a']);
void inThread((value: number | string, other: unknown) => [value, other], 1, 2);
// @ts-expect-error no such mode
void inThread((mode: 'r' | 'w') => mode, 'x');
// @ts-expect-error no such mode
void engine.submit(({ mode }: { mode: 'r' | 'w' }) => mode, [{ mode: 'x' }], {});

// Arguments that are there already.
const pair = [1, 2] as const;
const list: number[] = [1, 2];
expectTypeOf(inThread(add, ...pair)).toEqualTypeOf<Promise<number>>();
expectTypeOf(engine.submit(add, pair, {})).toEqualTypeOf<Promise<number>>();
// @ts-expect-error nobody knows how many
void inThread(add, ...list);
// @ts-expect-error nobody knows how many
void engine.submit(add, list, {});

// A body of which nothing is known takes any list, and so does one that takes any number and then the context.
// biome-ignore lint/suspicious/noExplicitAny: what programs without types have
declare const untyped: any;
// biome-ignore lint/suspicious/noExplicitAny: the same
declare const loose: (...args: any[]) => any;
void inThread(untyped, ...list);
void inThread(loose, ...list);
void engine.submit(untyped, list, {});
void engine.submit(loose, list as readonly number[], {});
void engine.submit((...all) => all.length, list, {});
void generateInThread(untyped, ...list);
void inThread((...all: [...numbers: number[], context: Context]) => all.length, ...list);
// @ts-expect-error texts for numbers
void inThread((...all: [...numbers: number[], context: Context]) => all.length, 'a');

// Functions of other shapes.
function double(value: string): string;
function double(value: number): number;
function double(value: string | number): string | number {
  return typeof value === 'string' ? value + value : value * 2;
}
class Shop {
  price(n: number): number {
    return n;
  }
}
expectTypeOf(inThread(identity, 5)).toEqualTypeOf<Promise<number>>();
expectTypeOf(inThread(<T>(all: T[], n: number) => all[n], ['a'], 0)).toEqualTypeOf<
  Promise<string | undefined>
>();
expectTypeOf(inThread(double, 5)).toEqualTypeOf<Promise<number>>();
expectTypeOf(inThread(declare(import.meta, add), 1, 2)).toEqualTypeOf<Promise<number>>();
expectTypeOf(inThread(declare(import.meta, withContext), 'a')).toEqualTypeOf<Promise<number>>();
expectTypeOf(inThread(new Shop().price, 5)).toEqualTypeOf<Promise<number>>();
// @ts-expect-error it has no this over there
void inThread(function (this: Shop) {
  return this.price(1);
});
// @ts-expect-error it is missing for a declared one, too
void inThread(declare(import.meta, add), 1);

// A function that hands a body on says so, or is of the same type.
export function twice<A extends Arguments<P>, R, P extends readonly unknown[] = Received<A>>(
  fn: (...args: P) => MaybePromise<R>,
  ...args: A
): Promise<[R, R]> {
  return Promise.all([inThread(fn, ...args), engine.submit(fn, args, {})]);
}
expectTypeOf(twice(add, 1, 2)).toEqualTypeOf<Promise<[number, number]>>();
expectTypeOf(twice(withContext, 'a')).toEqualTypeOf<Promise<[number, number]>>();
// @ts-expect-error b is missing
void twice(add, 1);
void twice((n) => expectTypeOf(n).toEqualTypeOf<number>(), 1);
export const elsewhere: typeof inThread = (fn, ...args) => inProcess(fn, ...args);
export function one<T, R>(fn: (item: T, context: Context) => R, item: T): Promise<R> {
  return inThread(fn, item);
}

// An engine of one's own.
export class Echo implements Engine {
  readonly name = 'echo';
  readonly capacity = 1;
  async submit<R>(fn: (...args: never) => MaybePromise<R>, args: readonly unknown[]): Promise<R> {
    return (fn as unknown as (...all: unknown[]) => MaybePromise<R>)(...args);
  }
  async [Symbol.asyncDispose](): Promise<void> {}
}

// What is shared is what becomes of it.
declare const numbers: () => Generator<number, string, boolean>;
const first = async (source: AsyncIterable<number>): Promise<number> => {
  for await (const n of source) return n;
  return 0;
};
expectTypeOf(inThread(first, numbers())).toEqualTypeOf<Promise<number>>();
expectTypeOf(engine.submit(first, [numbers()], {})).toEqualTypeOf<Promise<number>>();
void inThread(
  first,
  (async function* () {
    yield 1;
  })(),
);
void inThread(first, [1, 2].values());
void inThread(first, {
  *[Symbol.iterator]() {
    yield 1;
  },
});
void inThread(async (source: AsyncIterator<number>) => source.next(), numbers());
void inThread(
  async (source: AsyncIterableIterator<number>, context: Context) => [
    await source.next(),
    context.index,
  ],
  numbers(),
);
expectTypeOf(inThread(async (source) => source.next(true), numbers())).toEqualTypeOf<
  Promise<IteratorResult<number, string>>
>();
// @ts-expect-error an array is copied: over there it is an array
void inThread(first, [1, 2]);
// @ts-expect-error a set, too
void inThread(first, new Set([1]));
// @ts-expect-error items of another type
void inThread(first, ['a'].values());

const ask = async (question: (n: number) => Promise<string>): Promise<string> => question(1);
void inThread(ask, (n) => n.toFixed());
void inThread(ask, async (n) => n.toFixed());
void engine.submit(ask, [(n) => n.toFixed()], {});
expectTypeOf(
  inThread(
    (question) => question(1),
    (n: number) => n.toFixed(),
  ),
).toEqualTypeOf<Promise<string>>();
expectTypeOf(inThread(async (flow) => flow.next(), mapStream(['a'], identity))).toEqualTypeOf<
  Promise<IteratorResult<string>>
>();
void inThread(async (gate: CallableLimiter) => gate(() => 1), limiter(1));
expectTypeOf(inThread((gate) => gate.run(() => 1), limiter(1))).toEqualTypeOf<Promise<number>>();
const atOnce = <R>(fn: () => R): R => fn();
// @ts-expect-error a limiter is more than a function
void inThread(async (gate: CallableLimiter) => gate(() => 1), atOnce);
// @ts-expect-error an answer of another type
void inThread(ask, (n) => n + 1);
// @ts-expect-error a question of another type
void inThread(ask, (text: string) => text);

const jobs = new Queue<string>();
void inThread(
  async (queue: Queue<string>, lock: Semaphore) => lock.run(() => queue.get()),
  jobs,
  new Semaphore(1),
);
expectTypeOf(inThread((queue, _signal) => queue.get(), jobs, AbortSignal.abort())).toEqualTypeOf<
  Promise<string>
>();
// @ts-expect-error a queue is more than what can be iterated
void inThread((queue: Queue<number>) => queue.get(), numbers());

// Tasks of a module: a direct call gives no context.
interface Files {
  read(path: string, context: Context): string;
  cut(path: string, length?: number): string;
  any(value: unknown): boolean;
  each(source: AsyncIterable<number>): void;
}
const files = moduleTasks<Files>('file:///files.ts');
expectTypeOf(files.read('a')).toEqualTypeOf<Promise<string>>();
expectTypeOf(inThread(files.read, 'a')).toEqualTypeOf<Promise<string>>();
expectTypeOf(map(['a'], files.read, { engine })).toEqualTypeOf<Promise<string[]>>();
expectTypeOf(map(['a'], files.read)).toEqualTypeOf<Promise<string[]>>();
expectTypeOf(inThread(files.cut, 'a', 1)).toEqualTypeOf<Promise<string>>();
expectTypeOf(files.any(1)).toEqualTypeOf<Promise<boolean>>();
void files.cut('a', undefined);
void files.each(numbers());
// @ts-expect-error the length would be the context
void files.cut('a');
// @ts-expect-error the length would be the context
void inThread(files.cut, 'a');

// It gives no context: what is left out is left out.
expectTypeOf(runSync(scale, 1)).toEqualTypeOf<number>();
expectTypeOf(runSync((...all: number[]) => all.length, 1, 2)).toEqualTypeOf<number>();
// @ts-expect-error b is missing
runSync(add, 1);
// @ts-expect-error there is no context
runSync(withContext, 'a');
// @ts-expect-error it has no this over there
runSync(function (this: Shop) {
  return this.price(1);
});

// A generator whose type is not declared can be read by a loop, and be sent anything.
export async function readAll(): Promise<void> {
  for await (const n of generateInThread(function* () {
    yield 1;
  }))
    expectTypeOf(n).toEqualTypeOf<number>();
  for await (const n of generateInProcess(async function* (from: number, context) {
    yield from + context.index;
  }, 1))
    expectTypeOf(n).toEqualTypeOf<number>();
  for await (const n of generateIn(engine, { prefetch: 2 }, async () => [1, 2]))
    expectTypeOf(n).toEqualTypeOf<number>();
}
expectTypeOf(
  generateInThread(function* (text: string) {
    yield text.length;
    return text;
  }, 'a'),
).toEqualTypeOf<AsyncGenerator<number, string, unknown>>();
declare const sums: (from: number) => Generator<number, string, boolean>;
expectTypeOf(generateInThread(sums, 1)).toEqualTypeOf<AsyncGenerator<number, string, boolean>>();
