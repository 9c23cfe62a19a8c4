/**
 * The time that stopped copies get to end in. There is one for all copies of a waiter, as they are stopped together.
 *
 * @module
 */
import type { Timer } from '../core/clock.ts';
import { AGAIN_MS, DEFAULT_GRACE } from '../core/grace.ts';
import { kernel, now } from '../core/kernel.ts';

/** The grace of the copies of one waiter; on its tokens, it keeps the scope from reporting the copies before they are late. */
export class CopiesGrace {
  /** Milliseconds; undefined where the user has not said: an engine has a default of its own. */
  given: number | undefined;
  readonly #margin: number;
  readonly #over: (grace: number) => void;
  readonly #isGivenTime: () => boolean;
  #timer: Timer | undefined;

  /**
   * @param margin milliseconds more, for an engine that ends what is late
   * @param over called when the time is over
   * @param isGivenTime whether something below the copies that are alive has time of its own: a clean-up, a scope with a longer grace
   */
  constructor(
    given: number | undefined,
    margin: number,
    over: (grace: number) => void,
    isGivenTime: () => boolean,
  ) {
    this.given = given;
    this.#margin = margin;
    this.#over = over;
    this.#isGivenTime = isGivenTime;
  }

  /** Whether copies were stopped and are not late. */
  get waiting(): boolean {
    return this.#timer !== undefined;
  }

  /** The copies were stopped. Further calls do nothing. */
  readonly begin = (): void => {
    const grace = this.given ?? DEFAULT_GRACE;
    if (this.#timer !== undefined || grace === Number.POSITIVE_INFINITY) return;
    this.#wait(grace, grace + this.#margin);
  };

  #wait(grace: number, ms: number): void {
    this.#timer = kernel.clock.at(now() + ms, () => {
      this.#timer = undefined;
      if (this.#isGivenTime()) this.#wait(grace, Math.max(grace, AGAIN_MS));
      else this.#over(grace);
    });
  }

  /** Sets another time, also when it has begun. */
  change(grace: number): void {
    this.given = grace;
    if (this.#timer === undefined) return;
    this.end();
    this.begin();
  }

  /** Lets the process end although the grace is not over. */
  quiet(): void {
    this.#timer?.unref?.();
  }

  end(): void {
    this.#timer?.stop();
    this.#timer = undefined;
  }
}
