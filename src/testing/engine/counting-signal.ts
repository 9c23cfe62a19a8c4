/**
 * A signal that counts its listeners: those that are left when work has ended are a leak.
 *
 * @module
 */

/** A signal that counts. */
export class CountingSignal {
  /** Listeners added and not removed. */
  listeners = 0;
  readonly #controller: AbortController = new AbortController();

  constructor() {
    const { signal } = this.#controller;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...all: Parameters<typeof add>): void => {
      this.listeners++;
      add(...all);
    };
    signal.removeEventListener = (...all: Parameters<typeof remove>): void => {
      this.listeners--;
      remove(...all);
    };
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  abort(reason?: unknown): void {
    this.#controller.abort(reason);
  }
}
