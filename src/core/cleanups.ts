/**
 * What a scope does at its very end: the last that was deferred first, each shielded, each with its own time limit or all the time it
 * takes. One that fails does not keep the others from running. A handle that was opened in the scope has its place among them, so what was
 * deferred after it (the end of the service that owns it) comes before it is stopped, and what was deferred before it (its connection) after.
 *
 * @module
 */

import { requireFunction } from './arguments.ts';
import type { Context, MaybePromise } from './context.ts';
import { toMilliseconds } from './duration.ts';
import { functionName } from './function-name.ts';
import { type NamesOf, requireOptions } from './known-options.ts';
import type { Scope } from './scope.ts';

/** A deferred function. */
export type Cleanup = (context: Context) => MaybePromise<void>;

type DeferOptions = Parameters<Scope['defer']>[1];
const DEFER_NAMES: NamesOf<DeferOptions> = { timeout: true };

/** Runs one clean-up, shielded from cancellation, for at most `timeout` milliseconds. */
export type RunShielded = (cleanup: Cleanup, timeout: number) => Promise<void>;

/** One that was deferred. They are linked, because one that is taken back may be anywhere. */
interface Deferred {
  readonly run: Cleanup;
  readonly timeout: number;
  earlier: Deferred | undefined;
  later: Deferred | undefined;
}

/** The stack of one scope. */
export class Cleanups {
  #last: Deferred | undefined;

  /**
   * @returns a function that takes it back
   * @throws TypeError, RangeError when `cleanup` is no function or `timeout` no duration
   */
  defer(cleanup: Cleanup, options: DeferOptions = {}): () => void {
    requireFunction(cleanup, 'cleanup');
    requireOptions(options, DEFER_NAMES, 'defer');
    const ms = toMilliseconds(options.timeout ?? Number.POSITIVE_INFINITY, 'timeout');
    const deferred: Deferred = { run: cleanup, timeout: ms, earlier: this.#last, later: undefined };
    if (this.#last !== undefined) this.#last.later = deferred;
    this.#last = deferred;
    return () => this.#remove(deferred);
  }

  #remove(deferred: Deferred): void {
    const { earlier, later } = deferred;
    if (earlier !== undefined) earlier.later = later;
    if (later !== undefined) later.earlier = earlier;
    if (this.#last === deferred) this.#last = earlier;
    deferred.earlier = undefined;
    deferred.later = undefined;
  }

  /** Runs them all; `failed` hears of each error. */
  async run(runShielded: RunShielded, failed: (error: unknown) => void): Promise<void> {
    for (let next = this.#last; next !== undefined; next = this.#last) {
      this.#remove(next);
      try {
        await runShielded(next.run, next.timeout);
      } catch (error) {
        failed(error);
      }
    }
  }
}

/** The clean-up that disposes of a resource; it has the name of its class, for whoever is told what did not end. */
export function disposal(resource: Disposable | AsyncDisposable): Cleanup {
  const either = resource as Partial<Disposable & AsyncDisposable>;
  const dispose = either[Symbol.asyncDispose] ?? either[Symbol.dispose];
  requireFunction(dispose, 'the dispose method of resource');
  const cleanup = async (): Promise<void> => dispose?.call(resource);
  return Object.defineProperty(cleanup, 'name', { value: className(resource) });
}

/** What a clean-up is called in trees and reports. */
export function nameOf(cleanup: Cleanup): string {
  const name = functionName(cleanup);
  return name === '' ? 'cleanup' : `cleanup ${name}`;
}

function className(resource: object): string {
  const name = functionName(resource.constructor);
  return name === 'Object' ? '' : name;
}
