/**
 * The places at work of a limiter. A place is two callbacks, made once and used for call after call, so a call costs no closure.
 *
 * @module
 */
import type { QueuedCall } from './queued-call.ts';

/** Stands for no limit, as an integer: fields that hold now an integer, now Infinity cost V8 its code. */
const UNLIMITED = 2 ** 30;

/** How many places there are, as an integer. */
export function finite(concurrency: number): number {
  return Math.min(concurrency, UNLIMITED);
}

/** One place. */
export class Slot {
  call: QueuedCall | undefined;
  readonly ok: (value: unknown) => void;
  readonly no: (error: unknown) => void;

  constructor(over: (slot: Slot, call: QueuedCall) => void) {
    this.ok = (value) => {
      const { call } = this;
      if (call === undefined) return;
      call.resolve(value);
      over(this, call);
    };
    this.no = (error) => {
      const { call } = this;
      if (call === undefined) return;
      call.reject(error);
      over(this, call);
    };
  }
}

/** As many places as have ever been at work at once. */
export class Slots {
  readonly #over: (slot: Slot, call: QueuedCall) => void;
  readonly #free: Slot[] = [];

  /** @param over called when the work in a place has settled */
  constructor(over: (call: QueuedCall) => void) {
    this.#over = (slot, call) => {
      slot.call = undefined;
      this.#free.push(slot);
      over(call);
    };
  }

  take(call: QueuedCall): Slot {
    const slot = this.#free.pop() ?? new Slot(this.#over);
    slot.call = call;
    return slot;
  }
}
