/**
 * The only source of time. The default clock reads the host's monotonic clock; `skein/testing` puts a virtual one in its place.
 * Host timers fire up to a millisecond early and turn waits above 2^31 ms into no wait at all, so a timer here looks at the
 * clock again when it wakes, and long waits are split.
 *
 * @module
 */
import { type HostTimer, monotonicNow, startHostTimer, stopHostTimer } from '../runtime/runtime.ts';

/** A pending timer. */
export interface Timer {
  /** Stops the timer; it is fine to stop one that has fired. */
  stop(): void;
  /** Lets the process end before it fires, where the host can do that. */
  unref?(): void;
}

/** A source of time. */
export interface Clock {
  /** Milliseconds on this clock: monotonic, without a meaning of its own. */
  now(): number;
  /** Calls `fn` once, not before `at`. Infinity never fires. */
  at(at: number, fn: () => void): Timer;
  /** How many timers are pending. */
  readonly timers: number;
}

const LONGEST_HOST_WAIT = 2 ** 31 - 1;

let pending = 0;

class RealTimer implements Timer {
  readonly #at: number;
  #fn: (() => void) | undefined;
  #host: HostTimer | undefined;

  constructor(at: number, fn: () => void) {
    this.#at = at;
    this.#fn = fn;
    pending++;
    this.#arm();
  }

  #arm(): void {
    const wait = Math.ceil(Math.max(0, this.#at - monotonicNow()));
    this.#host = startHostTimer(() => this.#wake(), Math.min(wait, LONGEST_HOST_WAIT));
  }

  #wake(): void {
    if (monotonicNow() < this.#at) {
      this.#arm();
      return;
    }
    const fn = this.#fn;
    this.#done();
    fn?.();
  }

  #done(): void {
    if (this.#fn === undefined) return;
    this.#fn = undefined;
    pending--;
  }

  stop(): void {
    if (this.#host !== undefined) stopHostTimer(this.#host);
    this.#done();
  }

  unref(): void {
    (this.#host as { unref?(): void } | undefined)?.unref?.();
  }
}

/** A timer that never fires: what Infinity gives. */
const NEVER: Timer = { stop() {} };

/** The host's monotonic clock. */
export const realClock: Clock = {
  now: monotonicNow,
  at: (at, fn) => (at === Number.POSITIVE_INFINITY ? NEVER : new RealTimer(at, fn)),
  get timers() {
    return pending;
  },
};
