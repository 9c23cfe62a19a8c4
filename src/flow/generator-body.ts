/**
 * A generator function as a body, where nobody drives generators: it would seem to run, and do nothing.
 *
 * @module
 */

/** Refuses what a generator function, or one that returns an Effect, has given to an engine that calls plain functions. */
export function refuseGenerator(result: unknown, name: string): void {
  const given = result as { next?: unknown; throw?: unknown; pipe?: unknown } | null | undefined;
  if (typeof given !== 'object' || given === null) return;
  const isGenerator = typeof given.next === 'function' && typeof given.throw === 'function';
  const isEffect = '~effect/Effect' in given;
  if (!isGenerator && !isEffect) return;
  throw new TypeError(
    `Cannot run ${name} on this event loop as it gives ${isEffect ? 'an Effect' : 'a generator'}: use the engine fibers() of skein/fiber`,
  );
}
