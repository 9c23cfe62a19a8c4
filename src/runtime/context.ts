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
  runInAsyncScope<A extends unknown[], R>(
    fn: (...args: A) => R,
    thisArg?: undefined,
    ...args: A
  ): R;
}

/** One ambient value. */
export interface ContextVariable<T> {
  get(): T | undefined;
  run<R>(value: T, fn: () => R): R;
  /** Captures all ambient values when it is made, this one and those of others, for callbacks that come from elsewhere. */
  readonly Captured: new () => CapturedContext;
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

  get Captured(): new () => CapturedContext {
    const variable = this;
    return class {
      readonly #captured = variable.get() as T;

      runInAsyncScope<A extends unknown[], R>(
        fn: (...args: A) => R,
        _thisArg?: undefined,
        ...args: A
      ): R {
        return variable.run(this.#captured, () => fn(...args));
      }
    };
  }
}

const MANUAL_DESTROY = { requireManualDestroy: true };

/** Makes the variable. `Captured` is an AsyncResource: re-entering costs a tenth of `AsyncLocalStorage.snapshot()`. */
export function contextVariable<T>(): ContextVariable<T> {
  const hooks = hostModule<typeof import('node:async_hooks')>('node:async_hooks');
  if (hooks === undefined) return new SynchronousVariable<T>();
  const storage = new hooks.AsyncLocalStorage<T>();
  class Captured extends hooks.AsyncResource implements CapturedContext {
    constructor() {
      super('skein', MANUAL_DESTROY);
    }
  }
  return {
    get: () => storage.getStore(),
    run: (value, fn) => storage.run(value, fn),
    Captured,
  };
}

/**
 * Whether a captured context stays as it was captured, whatever runs in it. Before Node 24, `enterWith` writes into what was captured: there it must not
 * be used again for somebody else.
 */
export function keepsCaptured(): boolean {
  const hooks = hostModule<typeof import('node:async_hooks')>('node:async_hooks');
  if (hooks === undefined) return true;
  const storage = new hooks.AsyncLocalStorage<boolean>();
  const captured = new hooks.AsyncResource('skein', MANUAL_DESTROY);
  captured.runInAsyncScope(() => storage.enterWith(true));
  const isChanged = captured.runInAsyncScope(() => storage.getStore() === true);
  storage.disable();
  return !isChanged;
}
