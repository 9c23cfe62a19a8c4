/**
 * Who listens to an engine.
 *
 * @module
 */
import { describe, requireFunction } from '../../core/arguments.ts';
import type { LateError } from './late-error.ts';

/** Hears of what failed in a worker after its call had ended. */
export type LateErrorListener = (error: LateError) => void;

/** Listeners for `lateError`, in their order. */
export class Listeners {
  #all: readonly LateErrorListener[] = [];

  /** Adds one; one that is added twice is called twice. */
  on(event: unknown, listener: unknown): void {
    if (this.#isEvent(event, listener)) this.#all = [...this.#all, listener as LateErrorListener];
  }

  /** Removes one, the last that was added; one that is not there is fine. */
  off(event: unknown, listener: unknown): void {
    if (!this.#isEvent(event, listener)) return;
    const at = this.#all.lastIndexOf(listener as LateErrorListener);
    if (at >= 0) this.#all = this.#all.toSpliced(at, 1);
  }

  /** False for `error`, which an engine never emits: whoever waits for an event of any emitter listens to that too. */
  #isEvent(event: unknown, listener: unknown): boolean {
    if (event !== 'lateError' && event !== 'error') {
      throw new TypeError(`Expected event to be 'lateError': got ${describe(event)}`);
    }
    requireFunction(listener, 'listener');
    return event === 'lateError';
  }

  /** Calls all. What one throws is an uncaught error of this process, as with any emitter, but the others hear all the same. */
  tell(error: LateError): void {
    for (const listener of this.#all) {
      try {
        listener(error);
      } catch (thrown) {
        queueMicrotask(() => {
          throw thrown;
        });
      }
    }
  }
}
