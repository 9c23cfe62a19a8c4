/**
 * A generator function as a body, where nobody drives generators: it would seem to run, and do nothing.
 *
 * @module
 */

/** Gives what a body gave; refuses a generator and an Effect, which a plain call does not run. */
export function refuseGenerator(result: unknown, name: string): unknown {
  const given = result as { next?: unknown; throw?: unknown } | null | undefined;
  if (typeof given !== 'object' || given === null || given instanceof Promise) return result;
  const isGenerator = typeof given.next === 'function' && typeof given.throw === 'function';
  const isEffect = '~effect/Effect' in given;
  if (!isGenerator && !isEffect) return result;
  throw new TypeError(
    `Cannot run ${name} on this event loop as it gives ${isEffect ? 'an Effect' : 'a generator'}: use the engine fibers() of skein/fiber`,
  );
}
