/**
 * Watches the heap of this worker.
 *
 * @module
 */
import { hostModule } from '../../runtime/runtime.ts';

/** Milliseconds between two looks: one costs some microseconds. */
const INTERVAL = 50;

/** Tells when the heap has grown over a limit. */
export class Scale {
  readonly #limit: number;
  readonly #v8 = hostModule<typeof import('node:v8')>('node:v8');
  #looked = Number.NEGATIVE_INFINITY;

  /** @param limit bytes */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** @param now milliseconds */
  isOver(now: number): boolean {
    if (this.#v8 === undefined || now - this.#looked < INTERVAL) return false;
    this.#looked = now;
    const { used_heap_size: used, external_memory: external } = this.#v8.getHeapStatistics();
    return used + external > this.#limit;
  }
}
