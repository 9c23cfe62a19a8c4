/**
 * Several ways to one result: the first counts, the losers are cancelled *and awaited*, so nothing runs on behind the caller.
 *
 * @module
 */
import { type NamesOf, requireOptions } from '../core/known-options.ts';
import { requireSource } from '../core/source.ts';
import { type AnySource, refuseNonSource, runSource, type ValueOf } from './adopt.ts';
import { Collector, runToEnd } from './collected.ts';
import { planFlow } from './options.ts';

/** The options of `race` and `firstSuccess`. */
export interface RaceOptions {
  /** Cancels all of them. */
  readonly signal?: AbortSignal | undefined;
  /** Settles at the moment, and leaves behind, without a report, what does not stop at once: as for flows. Default false. */
  readonly abandon?: boolean | undefined;
}

const RACE_NAMES: NamesOf<RaceOptions> = { signal: true, abandon: true };

/**
 * Gives the value, or throws the error, of the input that settles first.
 *
 * @throws the error of the winner, if it failed
 * @throws RangeError when there is no input: it could never settle
 *
 * @example
 * ```ts
 * import { race, sleep } from 'skein';
 * import assert from 'node:assert/strict';
 *
 * const winner = await race([() => sleep('1h').then(() => 'slow'), () => sleep(1).then(() => 'fast')]);
 * assert.equal(winner, 'fast');
 * ```
 */
export async function race<const S extends readonly AnySource[]>(
  sources: S,
  options: RaceOptions = {},
): Promise<ValueOf<S[number]>> {
  return compete(sources, options, 'stop', 'race');
}

/**
 * Gives the value of the input that succeeds first; failures before it do not count.
 *
 * @throws AggregateError when all failed, with the errors in the order of time
 * @throws RangeError when there is no input
 *
 * @example
 * ```ts
 * import { firstSuccess } from 'skein';
 * import assert from 'node:assert/strict';
 *
 * const value = await firstSuccess([() => Promise.reject(new Error('mirror down')), async () => 'page']);
 * assert.equal(value, 'page');
 * ```
 */
export async function firstSuccess<const S extends readonly AnySource[]>(
  sources: S,
  options: RaceOptions = {},
): Promise<ValueOf<S[number]>> {
  return compete(sources, options, 'continue', 'firstSuccess');
}

function compete<R>(
  sources: readonly AnySource[],
  options: RaceOptions,
  onError: 'stop' | 'continue',
  name: string,
): Promise<R> {
  requireOptions(options, RACE_NAMES, name);
  requireSource(sources, 'sources');
  const list = [...sources];
  list.forEach(refuseNonSource);
  if (list.length === 0)
    throw new RangeError(`Expected sources of ${name} to be one or more: got none`);
  const concurrency = Number.POSITIVE_INFINITY;
  const plan = planFlow({ ...options, signal: options.signal, onError, concurrency }, name);
  return runToEnd(plan, { source: list, body: runSource<R> }, new WinnerCollector<R>());
}

class WinnerCollector<R> extends Collector<R, R> {
  #winner: { readonly value: R } | undefined;

  override get isDecided(): boolean {
    return this.#winner !== undefined;
  }

  override value(_index: number, value: R): void {
    this.#winner ??= { value };
    this.enough?.();
  }

  override result(): R {
    return (this.#winner as { readonly value: R }).value;
  }
}
