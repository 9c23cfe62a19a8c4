import {
  adaptive,
  asCompleted,
  type ConcurrentError,
  type Context,
  collect,
  concurrent,
  concurrently,
  task as declare,
  type ExecutorPool,
  type Flow,
  firstSuccess,
  gather,
  gatherSettled,
  generateIn,
  generateInProcess,
  generateInThread,
  initData,
  inProcess,
  inThread,
  type Limiter,
  map,
  mapStream,
  moduleTasks,
  move,
  moveOnAfter,
  type Outcome,
  processes,
  race,
  retry,
  runSync,
  type Settled,
  schedule,
  scope,
  sleep,
  type Task,
  threadPool,
  threads,
  type Waiter,
} from 'skein';
import { expectTypeOf } from 'vitest';

const number = async (): Promise<number> => 1;
const text = (): string => 'a';
const task: Task<boolean> = schedule(async () => true);

expectTypeOf(map([1], (n) => String(n))).toEqualTypeOf<Promise<string[]>>();
expectTypeOf(map(new Set(['a']), async (s) => s.length)).toEqualTypeOf<Promise<number[]>>();
expectTypeOf(mapStream([1], async (n) => n)).toEqualTypeOf<Flow<number>>();
expectTypeOf(map([1], (_n, context) => context)).toEqualTypeOf<Promise<Context[]>>();

expectTypeOf(collect([number])).toEqualTypeOf<Promise<number[]>>();
expectTypeOf(collect([number, text])).toEqualTypeOf<Promise<(number | string)[]>>();
expectTypeOf(concurrent([number])).toEqualTypeOf<Flow<number>>();
expectTypeOf(concurrent([number, async () => undefined])).toEqualTypeOf<Flow<number | undefined>>();
expectTypeOf(concurrent([number], { yieldErrors: true })).toEqualTypeOf<
  Flow<number | ConcurrentError>
>();

expectTypeOf(gather([number, text, task])).toEqualTypeOf<Promise<[number, string, boolean]>>();
expectTypeOf(gather({ a: number, b: task })).toEqualTypeOf<Promise<{ a: number; b: boolean }>>();
expectTypeOf(gatherSettled([number, text])).toEqualTypeOf<
  Promise<[Settled<number>, Settled<string>]>
>();
expectTypeOf(race([number, text])).toEqualTypeOf<Promise<number | string>>();
expectTypeOf(firstSuccess([number, task])).toEqualTypeOf<Promise<number | boolean>>();
expectTypeOf(asCompleted([number])).toExtend<AsyncIterable<Outcome<number>>>();

expectTypeOf(scope(async (s) => s.spawn(number))).toEqualTypeOf<Promise<number>>();
expectTypeOf(moveOnAfter(1, text)).toEqualTypeOf<Promise<string | undefined>>();
expectTypeOf(moveOnAfter(1, text, 7)).toEqualTypeOf<Promise<string | number>>();
expectTypeOf(await task).toEqualTypeOf<boolean>();

// @ts-expect-error a duration has a unit
void sleep('5 parsecs');
// @ts-expect-error concurrency is a number or a limiter
void map([1], text, { concurrency: '3' });
// @ts-expect-error the inputs of collect are functions
void collect([number()]);
// @ts-expect-error a promise is neither a function nor a task
void gather([number()]);
// @ts-expect-error errors are values only where that was asked for
expectTypeOf(concurrent([number])).toEqualTypeOf<Flow<number | ConcurrentError>>();

expectTypeOf(retry(number, 3)).toEqualTypeOf<Promise<number>>();
expectTypeOf(retry(text, { retries: 1, totalTimeout: '1m' })).toEqualTypeOf<Promise<string>>();
expectTypeOf(adaptive({ max: 10 })).toExtend<Limiter>();

interface Images {
  resize(path: string, width: number): number;
  load(path: string): Promise<string>;
  readonly version: number;
}

expectTypeOf(declare(import.meta, text)).toEqualTypeOf<() => string>();
expectTypeOf(moduleTasks<Images>('file:///images.ts')).toEqualTypeOf<{
  readonly resize: (path: string, width: number) => Promise<number>;
  readonly load: (path: string) => Promise<string>;
}>();

const add = (a: number, b: number): number => a + b;
const withContext = async (item: string, context: Context): Promise<number> =>
  item.length + context.index;

expectTypeOf(inThread(add, 1, 2)).toEqualTypeOf<Promise<number>>();
expectTypeOf(inProcess(async (text: string) => text.length, 'a')).toEqualTypeOf<Promise<number>>();
expectTypeOf(inThread(() => undefined)).toEqualTypeOf<Promise<undefined>>();
// The context is the engine's to give: it is no argument.
expectTypeOf(inThread(withContext, 'a')).toEqualTypeOf<Promise<number>>();
expectTypeOf(inProcess(withContext, 'a')).toEqualTypeOf<Promise<number>>();
expectTypeOf(map(['a'], withContext, { engine: threads() })).toEqualTypeOf<Promise<number[]>>();
expectTypeOf(map([1], (n) => n, { engine: processes({ size: 1 }) })).toEqualTypeOf<
  Promise<number[]>
>();
expectTypeOf(threads().submit(add, [1, 2], {})).toEqualTypeOf<Promise<number>>();
// @ts-expect-error an argument of another type
void inThread(add, 1, 'two');
// @ts-expect-error an option that there is not
void threads({ workers: 2 });

function* conversation(start: number): Generator<string, boolean, Date | undefined> {
  const sent = yield String(start);
  return sent !== undefined;
}
expectTypeOf(generateInThread(conversation, 1)).toEqualTypeOf<
  AsyncGenerator<string, boolean, Date | undefined>
>();
expectTypeOf(generateInProcess(conversation, 1)).toEqualTypeOf<
  AsyncGenerator<string, boolean, Date | undefined>
>();
expectTypeOf(generateIn(threads(), { prefetch: 1 }, conversation, 1)).toExtend<
  AsyncIterable<string>
>();
expectTypeOf(
  generateInThread(async function* (n: number) {
    yield n;
  }, 1),
).toExtend<AsyncIterable<number>>();
expectTypeOf(generateInThread((text: string) => [text], 'a')).toExtend<AsyncIterable<string>>();
// @ts-expect-error what is sent has the type that the generator takes
void generateInThread(conversation, 1).next('now');
// @ts-expect-error it gives nothing to iterate over
void generateInThread(add, 1, 2);

expectTypeOf(runSync(add, 1, 2)).toEqualTypeOf<number>();
expectTypeOf(runSync.with({ timeout: '1s' })(number)).toEqualTypeOf<number>();
expectTypeOf(initData<{ rate: number }>()).toEqualTypeOf<{ rate: number } | undefined>();
expectTypeOf(move(new Uint8Array(1))).toExtend<Uint8Array>();
expectTypeOf(threadPool).toEqualTypeOf<ExecutorPool>();

expectTypeOf(
  concurrently(2, { source: ['a'] }, async ({ items }) => {
    expectTypeOf(items).toEqualTypeOf<AsyncIterableIterator<string>>();
  }),
).toEqualTypeOf<Waiter>();
expectTypeOf(concurrently(2, { engine: threads })).toBeFunction();
