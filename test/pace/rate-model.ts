/**
 * The least that can be said of a rate limit: when each call would start if nothing took any time.
 *
 * @module
 */

/** A step of a random schedule. */
export type Step =
  | { readonly do: 'call' }
  | { readonly do: 'cancel'; readonly which: number }
  | { readonly do: 'advance' | 'leap' | 'set back' | 'pause'; readonly ms: number };

/** The limits under test. */
export interface Limits {
  readonly maxCalls: number;
  readonly period: number;
  readonly minInterval: number;
}

/** Keeps all starts there ever were, and looks at those that matter. */
export class RateModel {
  readonly starts: Map<number, number> = new Map();
  readonly #limits: Limits;
  readonly #times: number[] = [];
  #line: number[] = [];
  #now = 0;
  #resumes = 0;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  call(id: number): void {
    this.#line.push(id);
    this.#serve();
  }

  /** Takes back the call that stands at a place of the line, counted round. */
  cancel(which: number): number | undefined {
    const id = this.#line[which % this.#line.length];
    this.#line = this.#line.filter((other) => other !== id);
    return id;
  }

  pause(ms: number): void {
    this.#resumes = Math.max(this.#resumes, this.#now + ms);
  }

  leap(ms: number): void {
    this.#now += ms;
    this.#serve();
  }

  advance(ms: number): void {
    const target = this.#now + ms;
    while (this.#line.length > 0 && this.#opens() <= target) {
      this.#now = Math.max(this.#now, this.#opens());
      this.#serve();
    }
    this.#now = target;
  }

  #opens(): number {
    const { maxCalls, period, minInterval } = this.#limits;
    const first = this.#times.at(-maxCalls) ?? Number.NEGATIVE_INFINITY;
    const last = this.#times.at(-1) ?? Number.NEGATIVE_INFINITY;
    const full = this.#times.length >= maxCalls ? first + period : 0;
    return Math.max(full, last + minInterval, this.#resumes);
  }

  #serve(): void {
    while (this.#line.length > 0 && this.#opens() <= this.#now) {
      this.starts.set(this.#line.shift() as number, this.#now);
      this.#times.push(this.#now);
    }
  }
}

/** How far starts, in order, break a limit: the most in any window, and the smallest gap. */
export function worst(starts: readonly number[], period: number): { most: number; gap: number } {
  let [most, gap, from] = [0, Number.POSITIVE_INFINITY, 0];
  starts.forEach((start, i) => {
    while (start - (starts[from] as number) >= period) from++;
    most = Math.max(most, i - from + 1);
    if (i > 0) gap = Math.min(gap, start - (starts[i - 1] as number));
  });
  return { most, gap };
}
