/**
 * Carries one value along a chain of asynchronous calls: `AsyncLocalStorage` where the host has it, otherwise a variable that
 * is right until the first `await` (a browser, until AsyncContext ships). There is one instance for the whole library, because
 * each further one makes every `run` dearer.
 *
 * @module
 */
import { hostModule } from './runtime.ts';

/** Re-enters the context in which it was captured. */
export interface CapturedContext {
  run<A extends unknown[], R>(fn: (...args: A) => R, ...args: A): R;
}

/** One ambient value. */
export interface ContextVariable<T> {
  get(): T | undefined;
  run<R>(value: T, fn: () => R): R;
  /** Captures all ambient values, this one and those of others, for callbacks that come from elsewhere. */
  capture(): CapturedContext;
}

class SynchronousVariable<T> implements ContextVariable<T> {
  #value: T | undefined;

  get(): T | undefined {
    return this.#value;
  }

  run<R>(value: T, fn: () => R): R {
    const outer = this.#value;
    this.#value = value;
    try {
      return fn();
    } finally {
      this.#value = outer;
    }
  }

  capture(): CapturedContext {
    const value = this.#value as T;
    return { run: (fn, ...args) => this.run(value, () => fn(...args)) };
  }
}

/** Makes the variable. `capture` uses an AsyncResource: re-entering costs a tenth of `AsyncLocalStorage.snapshot()`. */
export function contextVariable<T>(): ContextVariable<T> {
  const hooks = hostModule<typeof import('node:async_hooks')>('node:async_hooks');
  if (hooks === undefined) return new SynchronousVariable<T>();
  const storage = new hooks.AsyncLocalStorage<T>();
  // One object a capture, not three: a limiter makes one for each call that waits.
  class Captured extends hooks.AsyncResource implements CapturedContext {
    run<A extends unknown[], R>(fn: (...args: A) => R, ...args: A): R {
      return this.runInAsyncScope(fn, undefined, ...args);
    }
  }
  const manual = { requireManualDestroy: true };
  return {
    get: () => storage.getStore(),
    run: (value, fn) => storage.run(value, fn),
    capture: () => new Captured('skein', manual),
  };
}
