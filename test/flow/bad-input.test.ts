import {
  asCompleted,
  collect,
  concurrent,
  every,
  firstSuccess,
  gather,
  map,
  mapStream,
  moveOnAfter,
  openScope,
  race,
  resolve,
  run,
  schedule,
  scope,
  sleep,
  TaskLocal,
  timeout,
  wait,
} from 'skein';
import { describe, expect, it } from 'vitest';

// Wrong on purpose: what a caller without types can do.
// biome-ignore lint/suspicious/noExplicitAny: see above.
type Anything = any;
const fn = (n: unknown): unknown => n;
const thunk = (): number => 1;

/** A source whose next() gives something that is no result. */
function readingOnly(result: unknown): Iterable<number> {
  return { [Symbol.iterator]: () => ({ next: () => result as IteratorResult<number> }) };
}

describe('an option out of its bounds is refused at once, by name, with its bound and the value', () => {
  it.each([
    [() => map([], fn, { concurrency: 0 }), RangeError, /concurrency.*>= 1.*got 0/],
    [() => map([], fn, { concurrency: -2 }), RangeError, /concurrency.*got -2/],
    [() => map([], fn, { concurrency: 1.5 }), RangeError, /concurrency.*got 1.5/],
    [() => map([], fn, { concurrency: Number.NaN }), RangeError, /concurrency.*got NaN/],
    [() => map([], fn, { concurrency: '3' as Anything }), TypeError, /concurrency.*got '3'/],
    [() => map([], fn, { concurrency: {} as Anything }), TypeError, /concurrency.*run method/],
    [() => map([], fn, { concurrency: null as Anything }), TypeError, /concurrency.*got null/],
    [() => map([], fn, { buffer: null as Anything }), TypeError, /buffer.*got null/],
    [() => map([], fn, { grace: null as Anything }), TypeError, /grace.*got null/],
    [() => map([], fn, { retry: { retries: 1, base: null as Anything } }), TypeError, /base/],
    [() => collect([], { workers: null as Anything }), TypeError, /workers.*got null/],
    [() => map([], fn, { buffer: -3 }), RangeError, /buffer.*>= 0.*got -3/],
    [() => map([], fn, { timeout: -1 }), RangeError, /timeout.*>= 0.*got -1/],
    [
      () => map([], fn, { timeout: '5 parsecs' as Anything }),
      RangeError,
      /timeout.*got '5 parsecs'/,
    ],
    [() => map([], fn, { timeout: Number.NaN }), RangeError, /timeout.*got NaN/],
    [() => map([], fn, { grace: -1 }), RangeError, /grace/],
    [() => map([], fn, { retry: -1 }), RangeError, /retry.*>= 0.*got -1/],
    [
      () => map([], fn, { retry: { retries: 1, jitter: 'some' as Anything } }),
      RangeError,
      /jitter/,
    ],
    [() => map([], fn, { retry: { retries: 1, base: -5 } }), RangeError, /retry\.base.*got -5/],
    [() => map([], fn, { onError: 'ignore' as Anything }), RangeError, /onError.*got 'ignore'/],
    [() => map([], fn, { signal: {} as Anything }), TypeError, /signal.*AbortSignal/],
    [() => map([], fn, { engine: {} as Anything }), TypeError, /engine/],
    [() => map([], fn, { pace: 5 as Anything }), TypeError, /pace/],
    [() => map([], fn, { onProgress: 1 as Anything }), TypeError, /onProgress.*function/],
    [() => map([], 5 as Anything), TypeError, /fn.*function.*got 5/],
    [() => map(5 as Anything, fn), TypeError, /source.*iterable.*got 5/],
    [() => map(readingOnly(5), fn), TypeError, /next\(\).*object.*got 5/],
    [() => map([Promise.resolve(1)], fn), TypeError, /input 0.*promise.*already running/],
    [() => collect([], { workers: 0 }), RangeError, /workers.*>= 1.*got 0/],
    [() => collect(null as Anything), TypeError, /thunks.*got null/],
    [() => collect([thunk, 7 as Anything]), TypeError, /input 1.*not a function: got 7/],
    [() => collect([thunk, null as Anything]), TypeError, /input 1/],
    [() => collect([Promise.resolve(1) as Anything]), TypeError, /input 0.*already running/],
    [() => gather([thunk, 3 as Anything]), TypeError, /input 1.*got 3/],
    [() => gather({ a: 3 as Anything }), TypeError, /input a.*got 3/],
    [() => gather(null as Anything), TypeError, /sources/],
    [() => gather([Promise.resolve() as Anything]), TypeError, /schedule\(promise\)/],
    [() => race([]), RangeError, /race.*one or more/],
    [() => firstSuccess([]), RangeError, /firstSuccess.*one or more/],
    [() => wait([thunk as Anything]), TypeError, /input 0.*task/],
    [() => wait([], { timeout: null as Anything }), TypeError, /timeout.*got null/],
    [() => wait([], { until: 'some' as Anything }), RangeError, /until/],
    [() => scope(5 as Anything), TypeError, /body/],
    [() => scope({ limit: 0 }, fn), RangeError, /limit.*>= 1/],
    [() => scope({ timeout: -1 }, fn), RangeError, /timeout/],
    [() => scope({ deadline: Number.NaN }, fn), RangeError, /deadline/],
    [() => scope({ errors: 'all' as Anything }, fn), RangeError, /errors/],
    [() => sleep(-1), RangeError, /duration.*>= 0.*got -1/],
    [() => sleep(Number.NaN), RangeError, /duration/],
    [() => timeout('x' as Anything, fn), RangeError, /after/],
    [() => moveOnAfter(-1, fn), RangeError, /after/],
    [() => run(7 as Anything), TypeError, /main/],
  ])('%s rejects', async (call, type, message) => {
    const error: unknown = await call().catch((e: unknown) => e);

    expect(error).toBeInstanceOf(type);
    expect(String(error)).toMatch(message);
  });

  it.each([
    [() => mapStream([], fn, { order: 'random' as Anything }), RangeError, /order.*got 'random'/],
    [() => mapStream([], fn, { concurrency: 0 }), RangeError, /concurrency/],
    [() => resolve([], { greediness: -1 }), RangeError, /greediness.*>= 0.*got -1/],
    [() => resolve([], { greediness: 0.5 }), RangeError, /greediness.*got 0.5/],
    [() => resolve([], { workers: 0 }), RangeError, /workers/],
    [() => concurrent([], { limit: 0 }), RangeError, /limit.*>= 1.*got 0/],
    [() => concurrent([], { limit: '3' as Anything }), TypeError, /limit.*got '3'/],
    [() => concurrent(5 as Anything), Error, /source.*iterable/],
    [() => asCompleted([3 as Anything]), TypeError, /input 0/],
    [() => asCompleted([], { timeout: -1 }), RangeError, /timeout/],
    [() => every(0), RangeError, /period.*above 0/],
    [() => openScope({ grace: Number.NaN }), RangeError, /grace/],
    [() => schedule(5 as Anything), TypeError, /work/],
    [() => new TaskLocal('none').get(), ReferenceError, /none.*no default/],
  ])('%s throws', (call, type, message) => {
    expect(call).toThrow(type);
    expect(call).toThrow(message);
  });
});
