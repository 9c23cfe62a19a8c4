/**
 * The API of p-map 7, made of skein's flows.
 *
 * @module
 */
import { type FlowOptions, map, mapStream } from 'skein';

/** A result that is left out. */
export const pMapSkip: unique symbol = Symbol('skip');

interface Options {
  readonly concurrency?: number;
  readonly stopOnError?: boolean;
  readonly signal?: AbortSignal;
  readonly backpressure?: number;
}

/** Skein takes values: a promise in a list is work that has begun already, which no limit applies to. */
async function* awaited<T>(source: Source<T>): AsyncGenerator<T> {
  yield* source;
}

type Source<T> = Iterable<T | PromiseLike<T>> | AsyncIterable<T | PromiseLike<T>>;
type Mapper<T, R> = (item: T, index: number) => R | PromiseLike<R>;

function flowOptions({ concurrency = Number.POSITIVE_INFINITY, ...options }: Options): FlowOptions {
  const onError = options.stopOnError === false ? 'continue' : 'stop';
  return { concurrency, onError, signal: options.signal, buffer: options.backpressure };
}

/** All results, in the order of the input. */
export default async function pMap<T, R>(
  source: Source<T>,
  fn: Mapper<T, R>,
  options: Options = {},
): Promise<Exclude<R, typeof pMapSkip>[]> {
  if (typeof fn !== 'function') throw new TypeError('Mapper function is required');
  const body = async (item: T, { index }: { index: number }) => fn(item, index);
  const results = await map(awaited(source), body, flowOptions(options));
  return results.filter((result) => result !== pMapSkip) as Exclude<R, typeof pMapSkip>[];
}

/** The results one by one, in the order of the input. */
export function pMapIterable<T, R>(
  source: Source<T>,
  fn: Mapper<T, R>,
  options: Options = {},
): AsyncIterable<R> {
  return {
    async *[Symbol.asyncIterator]() {
      const body = async (item: T, { index }: { index: number }) => fn(item, index);
      for await (const result of mapStream(awaited(source), body, flowOptions(options))) {
        if (result !== pMapSkip) yield result;
      }
    },
  };
}
