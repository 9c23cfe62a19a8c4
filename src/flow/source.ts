/**
 * One iterator, synchronous or not, behind one face. It is opened when the first item is wanted and closed once.
 *
 * @module
 */
import { describe } from '../core/arguments.ts';
import type { Source } from './options.ts';

/** Requires something that can be iterated. */
export function requireSource(source: unknown, name: string): void {
  const from = source as Partial<Iterable<unknown> & AsyncIterable<unknown>> | null | undefined;
  const iterates =
    typeof from?.[Symbol.asyncIterator] === 'function' ||
    typeof from?.[Symbol.iterator] === 'function';
  if (!iterates) {
    throw new TypeError(`Expected ${name} to be iterable: got ${describe(source)}`);
  }
}

/** An opened source. */
export interface OpenSource<T> {
  readonly isAsync: boolean;
  readonly iterator: Iterator<T> | AsyncIterator<T>;
}

/** Gets the iterator; an asynchronous one where there are both. */
export function openSource<T>(source: Source<T>): OpenSource<T> {
  const isAsync = typeof (source as AsyncIterable<T>)[Symbol.asyncIterator] === 'function';
  const iterator = isAsync
    ? (source as AsyncIterable<T>)[Symbol.asyncIterator]()
    : (source as Iterable<T>)[Symbol.iterator]();
  return { isAsync, iterator };
}
