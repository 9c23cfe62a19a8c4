/**
 * Waiting for time to pass.
 *
 * @module
 */
import { type Duration, toMilliseconds } from './duration.ts';
import { afterTurn, kernel, now } from './kernel.ts';
import { type NamesOf, requireOptions } from './known-options.ts';
import { requirePoint } from './scope.ts';
import { Wait } from './wait.ts';

/**
 * Waits. Never wakes early: the clock is looked at again when the host's timer fires.
 *
 * @param duration from 0 up; Infinity waits for ever
 * @throws Cancelled when the ambient scope is cancelled first; the timer is gone then
 *
 * @example
 * ```ts
 * import { sleep } from 'skein';
 *
 * await sleep('5ms');
 * ```
 */
export async function sleep(duration: Duration): Promise<void> {
  const ms = toMilliseconds(duration, 'duration');
  return waitUntil(
    now() + ms,
    ms === Number.POSITIVE_INFINITY ? 'sleep for ever' : `sleep ${ms} ms`,
  );
}

/** Waits until the clock of `now()` shows `at`. */
export async function sleepUntil(at: number): Promise<void> {
  requirePoint(at, 'at');
  return waitUntil(at, 'sleep');
}

/** Waits until the ambient scope is cancelled. */
export function sleepForever(): Promise<never> {
  return new Wait<never>('sleep for ever').promise;
}

function waitUntil(at: number, label: string): Promise<void> {
  return startWait(at, label).promise;
}

function startWait(at: number, label: string): Wait<void> {
  const wait = new Wait<void>(label);
  if (wait.settled) return wait;
  const timer = kernel.clock.at(at, () => wait.ok());
  wait.undo = () => timer.stop();
  return wait;
}

/**
 * Gives the event loop one turn, and looks at cancellation: for long computations, so that timers and I/O get theirs.
 *
 * @throws Cancelled when the ambient scope is cancelled
 */
export function checkpoint(): Promise<void> {
  const wait = new Wait<void>('checkpoint');
  if (!wait.settled) afterTurn(() => wait.ok());
  return wait.promise;
}

/**
 * Ticks at a fixed rate: gives 0, 1, 2 … at the start and then once a period. Ticks do not drift; those that a slow consumer
 * missed are left out, and the number says which one this is.
 *
 * @param period above 0
 * @param options `immediate: false` gives the first tick after one period instead of at once
 * @throws RangeError when the period is 0
 *
 * @example
 * ```ts
 * import { every } from 'skein';
 * import assert from 'node:assert/strict';
 *
 * const seen: number[] = [];
 * for await (const tick of every('1ms')) {
 *   seen.push(tick);
 *   if (seen.length === 3) break;
 * }
 * assert.equal(seen[0], 0);
 * ```
 */
export function every(
  period: Duration,
  options: { readonly immediate?: boolean } = {},
): AsyncIterable<number> {
  requireOptions(options, EVERY_NAMES, 'every');
  const ms = toMilliseconds(period, 'period');
  if (!(ms > 0 && ms < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`Expected period to be above 0 and finite: got ${ms}`);
  }
  const offset = options.immediate === false ? 1 : 0;
  return { [Symbol.asyncIterator]: () => ticker(ms, offset) };
}

const EVERY_NAMES: NamesOf<Parameters<typeof every>[1]> = { immediate: true };

function ticker(ms: number, offset: number): AsyncIterator<number> {
  const start = now() + offset * ms;
  const ended = { done: true, value: undefined } as const;
  let tick = -1;
  let pending: Wait<void> | undefined;
  let over = false;
  return {
    async next() {
      if (over) return ended;
      tick = Math.max(tick + 1, Math.floor((now() - start) / ms));
      const current = tick;
      pending = startWait(start + current * ms, `tick ${current}`);
      await pending.promise;
      return over ? ended : { done: false, value: current };
    },
    async return() {
      over = true;
      pending?.undo?.();
      pending?.ok();
      return ended;
    },
  };
}
