/**
 * The types of a call into an engine: what a body declares, and what may be given for it.
 *
 * A body gets its arguments and then, always, its context. So each of its parameters is either given, also one that is optional or has a
 * default, or the last one is the context. What is shared with a worker instead of copied is something else over there: the types say so.
 *
 * @module
 */
import type { Context, MaybePromise } from './context.ts';

/**
 * The arguments for a body with the parameters `P`: what a function that hands a body on to an engine lets its own callers give.
 *
 * All parameters need one, whether or not they are optional, except a last one that takes the context: an argument that is left out would be
 * the context. A parameter that is an asynchronous iterable or iterator may be given a synchronous one, and one that is a function
 * with a promise as its result may be given one with a plain result, because that is what they become in a worker.
 *
 * @example
 * ```ts
 * import { type Arguments, inThread, type MaybePromise } from 'skein';
 * import assert from 'node:assert/strict';
 *
 * function timesTwo<A extends Arguments<P>, P extends readonly unknown[]>(fn: (...args: P) => MaybePromise<number>, ...args: A) {
 *   return inThread(fn, ...args).then((n) => n * 2);
 * }
 *
 * assert.equal(await timesTwo((a: number, b: number) => a + b, 1, 2), 6);
 * ```
 */
export type Arguments<P extends readonly unknown[]> = number extends P['length']
  ? Context extends Rest<P>
    ? Sendable<P> | OfAnyLength<P>
    : readonly [Refused, ...Refused[]]
  : Sendable<P> | WithoutContext<P>;

/** A list of which nobody knows the length, for a body that takes as many and then the context. */
type OfAnyLength<P extends readonly unknown[]> = P extends readonly [...infer Others, Context]
  ? Sendable<Others>
  : never;

/** What is said of a body that would take its context for one more argument. */
type Refused = 'Its rest parameter would take the context, too: declare an array instead';

/** The parameters of a body that says nothing of them, for the arguments `A`: what they become in a worker, and the context. */
export type Received<A> = A extends readonly unknown[]
  ? [...{ [K in keyof A]: Proxied<A[K]> }, context: Context]
  : never;

/** All but the last, if that takes the context. */
export type WithoutContext<P extends readonly unknown[]> =
  Required<P> extends readonly [...unknown[], infer Last]
    ? Context extends Last
      ? P extends readonly [...infer Others, _?: unknown]
        ? Sendable<Others>
        : never
      : never
    : never;

/** What the rest parameter takes. */
type Rest<P extends readonly unknown[]> =
  Required<P> extends readonly [unknown, ...infer Others] ? Rest<Others> : P[number];

/** In boxes, because `-?` takes `undefined` away, which may be given. */
type Boxed<P extends readonly unknown[]> = { [K in keyof P]-?: [P[K]] };
type Unboxed<B extends readonly [unknown][]> = {
  readonly [K in keyof B]: B[K][0] | Lendable<B[K][0]>;
};

/** What may be given for each. */
export type Sendable<P extends readonly unknown[]> = Unboxed<Boxed<P>>;

/** What becomes a `T` in a worker without being one here. Of functions, those that are nothing else: not for a limiter. */
type Lendable<T> = T extends (...args: infer P) => PromiseLike<infer R>
  ? [keyof T] extends [never]
    ? (...args: P) => MaybePromise<R>
    : never
  : T extends AsyncIterable<infer Y, infer R, infer N>
    ? Iterated<T, Y, R, N>
    : T extends AsyncIterator<infer Y, infer R, infer N>
      ? Iterated<T, Y, R, N>
      : never;

/** Not for a queue, which can be iterated and is more. */
type Iterated<T, Y, R, N> =
  AsyncIterableIterator<Y, R, N> extends T
    ? Source<Y, R, N> | Iterator<Y, R, N> | AsyncIterable<Y, R, N> | AsyncIterator<Y, R, N>
    : never;

/** What can be iterated and is not copied, as an array, a string, a `Map` or a `Set` is. */
type Source<Y, R, N> = Iterable<Y, R, N> & { readonly length?: never; readonly size?: never };

/** What an argument is in a worker. A limiter that is a function stays one; what can only be iterated, as a flow, is told by its methods. */
type Proxied<T> = T extends (...args: infer P) => infer R
  ? T extends { readonly run: unknown }
    ? T
    : (...args: P) => Promise<Awaited<R>>
  : T extends Iterator<infer Y, infer R, infer N> | AsyncIterator<infer Y, infer R, infer N>
    ? AsyncIterableIterator<Y, R, N>
    : T extends AsyncIterable<infer Y> & { readonly settled: unknown; readonly toArray: unknown }
      ? AsyncIterableIterator<Y>
      : T;
