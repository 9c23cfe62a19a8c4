/**
 * Sources: what can be iterated, and how one is opened and closed. Closing ends a read that is out, where anything can end it: the
 * `return()` of an async generator waits behind a pending `next()`, for as long as a silent socket is silent. Whoever reads a source
 * for somebody else opens and closes it here.
 *
 * @module
 */
import { describe } from './arguments.ts';
import {
  isClosedReadline,
  isWebStream,
  type StopReading,
  stopperOf,
  WebStreamIterator,
} from './source-kinds.ts';

/** Where values come from: read lazily, one item at a time, and closed when the flow ends early. */
export type Source<T> = Iterable<T> | AsyncIterable<T>;

/** Requires something that can be iterated. */
export function requireSource(source: unknown, name: string): void {
  const from = source as Partial<Iterable<unknown> & AsyncIterable<unknown>> | null | undefined;
  const iterates =
    typeof from?.[Symbol.asyncIterator] === 'function' ||
    typeof from?.[Symbol.iterator] === 'function';
  if (!iterates) throw new TypeError(`Expected ${name} to be iterable: got ${describe(source)}`);
}

/** Refuses what `for of` refuses: a result that is no object has no `done`, and would be read for ever. */
export function checked<R>(result: R | undefined, what: string): R {
  if (typeof result === 'object' && result !== null) return result;
  throw new TypeError(`Expected ${what} to be an object: got ${describe(result)}`);
}

/** A source that was opened: one of the two iterators. */
export interface OpenSource<T> {
  readonly sync: Iterator<T> | undefined;
  readonly async: AsyncIterator<T> | undefined;
  /** What has to be done besides `return()` of the iterator, before it. */
  readonly stop: StopReading | undefined;
}

/** Gets the iterator; an asynchronous one where there are both. */
export function openSource<T>(source: Source<T>): OpenSource<T> {
  if (isWebStream<T>(source)) {
    const iterator = new WebStreamIterator<T>(source.getReader());
    return { sync: undefined, async: iterator, stop: iterator.stop };
  }
  if (isClosedReadline(source)) {
    throw new TypeError('Cannot read the lines of an interface that is closed: they are gone');
  }
  const from = source as Partial<Iterable<T> & AsyncIterable<T>>;
  const async = from[Symbol.asyncIterator]?.();
  const sync = async === undefined ? from[Symbol.iterator]?.() : undefined;
  checked(async ?? sync, 'the iterator of the source');
  return { sync, async, stop: async && stopperOf(source, async) };
}

/**
 * Closes a source that has not ended by itself: ends the read that is out, and calls `return()`. Settles when the source says that it
 * is closed.
 *
 * A generator is told to return when its read has ended, and not before: that would wait in its queue, and run its `finally` in the
 * place of the read, which may be a cancelled one, instead of here.
 *
 * @param reading the read that is out
 * @param reason for a web stream, whose owner may look at it
 * @param given what `return()` is called with
 * @returns what `return()` has given
 * @throws whatever it fails to close with
 */
export async function closeSource(
  { async, sync, stop }: OpenSource<unknown>,
  reading: PromiseLike<unknown> | undefined,
  reason: unknown,
  ...given: [] | [unknown]
): Promise<IteratorResult<unknown> | undefined> {
  let failed: { readonly error: unknown } | undefined;
  try {
    if (stop?.(reading !== undefined, reason) === true) return undefined;
  } catch (error) {
    failed = { error };
  }
  if (reading !== undefined && isGenerator(async)) await settled(reading);
  const result = await (async ?? sync)?.return?.(...given);
  if (failed !== undefined) throw failed.error;
  return result;
}

function isGenerator(iterator: object | undefined): boolean {
  return Object.prototype.toString.call(iterator) === '[object AsyncGenerator]';
}

async function settled(reading: PromiseLike<unknown>): Promise<void> {
  try {
    await reading;
  } catch {
    // Whoever reads hears of it.
  }
}

/** Whether an error is what a read ends with because its source was closed: news to nobody. */
export function isClosing(error: unknown): boolean {
  const { name, code } = (error ?? {}) as { readonly name?: unknown; readonly code?: unknown };
  return name === 'AbortError' || code === 'ERR_STREAM_PREMATURE_CLOSE';
}
