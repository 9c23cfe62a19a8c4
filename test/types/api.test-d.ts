import {
  adaptive,
  asCompleted,
  type ConcurrentError,
  type Context,
  collect,
  concurrent,
  task as declare,
  type Flow,
  firstSuccess,
  gather,
  gatherSettled,
  type Limiter,
  map,
  mapStream,
  moduleTasks,
  moveOnAfter,
  type Outcome,
  race,
  retry,
  type Settled,
  schedule,
  scope,
  sleep,
  type Task,
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
