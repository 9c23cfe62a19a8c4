/**
 * What a scope does at its very end: the last that was deferred first, each shielded, each with its own time limit. One that fails
 * does not keep the others from running.
 *
 * @module
 */
import { requireFunction } from './arguments.ts';
import type { Context, MaybePromise } from './context.ts';
import { toMilliseconds } from './duration.ts';
import { type NamesOf, requireOptions } from './known-options.ts';
import type { Scope } from './scope.ts';

/** A deferred function. */
export type Cleanup = (context: Context) => MaybePromise<void>;

type DeferOptions = Parameters<Scope['defer']>[1];
const DEFER_NAMES: NamesOf<DeferOptions> = { timeout: true };

/** Runs one clean-up, shielded from cancellation, for at most `timeout` milliseconds. */
export type RunShielded = (cleanup: Cleanup, timeout: number) => Promise<void>;

interface Deferred {
  readonly run: Cleanup;
  readonly timeout: number;
}

/** The stack of one scope. */
export class Cleanups {
  readonly #stack: Deferred[] = [];

  /** @throws TypeError, RangeError when `cleanup` is no function or `timeout` no duration */
  defer(cleanup: Cleanup, options: DeferOptions = {}): void {
    requireFunction(cleanup, 'cleanup');
    requireOptions(options, DEFER_NAMES, 'defer');
    const { timeout = Number.POSITIVE_INFINITY } = options;
    this.#stack.push({ run: cleanup, timeout: toMilliseconds(timeout, 'timeout') });
  }

  /** Runs them all; `failed` hears of each error. */
  async run(runShielded: RunShielded, failed: (error: unknown) => void): Promise<void> {
    for (let next = this.#stack.pop(); next !== undefined; next = this.#stack.pop()) {
      try {
        await runShielded(next.run, next.timeout);
      } catch (error) {
        failed(error);
      }
    }
  }
}

/** The clean-up that disposes of a resource. */
export function disposal(resource: Disposable | AsyncDisposable): Cleanup {
  const either = resource as Partial<Disposable & AsyncDisposable>;
  const dispose = either[Symbol.asyncDispose] ?? either[Symbol.dispose];
  requireFunction(dispose, 'the dispose method of resource');
  return async () => dispose?.call(resource);
}
