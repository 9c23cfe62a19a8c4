/**
 * The rate and the spacing of one limiter: the time between two starts is that of all calls, and each key has the whole rate.
 *
 * @module
 */
import { KeysInUse } from './keys-in-use.ts';
import type { Pace } from './pace.ts';
import { type Ask, PLAIN } from './queued-call.ts';
import type { Rate } from './rate.ts';
import { StartLog } from './start-log.ts';

/** Both must allow a start. What a call weighs it takes from the places. */
export class RateByKey implements Pace {
  readonly #common: StartLog;
  readonly #keyed: KeysInUse<unknown, StartLog>;
  readonly #spacing: StartLog;

  /** @param spacing milliseconds, from 0 */
  constructor({ maxCalls, period }: Rate, spacing: number) {
    const rate = (): StartLog => new StartLog(maxCalls, period, 0);
    this.#common = rate();
    this.#spacing = new StartLog(1, spacing, 0);
    this.#keyed = new KeysInUse(rate, (log) =>
      log.idleFrom() <= this.#spacing.last ? 'idle' : 'lately',
    );
  }

  #of({ key }: Ask): StartLog {
    return key === undefined ? this.#common : this.#keyed.get(key);
  }

  opensAt(ask: Ask): number {
    return Math.max(this.#of(ask).opensAt(PLAIN), this.#spacing.opensAt(PLAIN));
  }

  note(at: number, ask: Ask): void {
    this.#of(ask).note(at, PLAIN);
    this.#spacing.note(at, PLAIN);
  }

  idleFrom(): number {
    return Number.POSITIVE_INFINITY;
  }

  shift(by: number): void {
    for (const log of [this.#common, this.#spacing, ...this.#keyed]) log.shift(by);
  }
}
