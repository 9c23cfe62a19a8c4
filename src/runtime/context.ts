/**
 * Carries one value along a chain of asynchronous calls: `AsyncLocalStorage` where the host has it, otherwise a variable that
 * is right until the first `await` (a browser, until AsyncContext ships). There is one instance for the whole library, because
 * each further one makes every `run` dearer.
 *
 * @module
 */
import { hostModule } from './runtime.ts';

/** Re-enters the context in which it was captured. An `AsyncResource` is one as it stands: a wrapper would cost 32 bytes a waiting call. */
export interface CapturedContext {
  runInAsyncScope<R>(fn: () => R): R;
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
    return { runInAsyncScope: (fn) => this.run(value, fn) };
  }
}

const MANUAL_DESTROY = { requireManualDestroy: true };

/** Makes the variable. `capture` uses an AsyncResource: re-entering costs a tenth of `AsyncLocalStorage.snapshot()`. */
export function contextVariable<T>(): ContextVariable<T> {
  const hooks = hostModule<typeof import('node:async_hooks')>('node:async_hooks');
  if (hooks === undefined) return new SynchronousVariable<T>();
  const storage = new hooks.AsyncLocalStorage<T>();
  const { AsyncResource } = hooks;
  return {
    get: () => storage.getStore(),
    run: (value, fn) => storage.run(value, fn),
    capture: () => new AsyncResource('skein', MANUAL_DESTROY),
  };
}
