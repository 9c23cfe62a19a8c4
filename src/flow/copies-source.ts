/**
 * The source of copies, refused at the call where it is known that somebody else has it: otherwise each copy would fail.
 *
 * @module
 */
import type { Source } from '../core/source.ts';
import { PumpedFlow } from './flow.ts';

/** Refuses a flow that was iterated or disposed of, and a stream that is being read. */
export function refuseTaken(source: Source<unknown>): void {
  if (source instanceof PumpedFlow) source.requireUnused();
  const stream = source as { readonly locked?: unknown; readonly getReader?: unknown };
  if (stream.locked === true && typeof stream.getReader === 'function') {
    throw new TypeError('Cannot share the source among copies: the stream has a reader already');
  }
}

/** Takes a flow for these copies, which does not start it: whoever comes later is refused. Other sources are opened when the first item is wanted. */
export function claim<X>(source: Source<X>): Source<X> {
  return source instanceof PumpedFlow ? (source[Symbol.asyncIterator]() as Source<X>) : source;
}
