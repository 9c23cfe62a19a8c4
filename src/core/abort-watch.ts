/**
 * One listener for all that wait with the same `AbortSignal`. A signal keeps its listeners in a list that it walks at every
 * addition: a million waiters with a listener each would take hours.
 *
 * @module
 */

/** All that watch one signal. */
class AbortWatch {
  readonly #signal: AbortSignal;
  readonly #watchers = new Set<() => void>();

  constructor(signal: AbortSignal) {
    this.#signal = signal;
    signal.addEventListener('abort', this.#tell);
  }

  add(aborted: () => void): void {
    this.#watchers.add(aborted);
  }

  remove(aborted: () => void): void {
    this.#watchers.delete(aborted);
    if (this.#watchers.size === 0) this.#end();
  }

  /** Whoever leaves meanwhile is not called any more. */
  readonly #tell = (): void => {
    this.#end();
    for (const aborted of this.#watchers) aborted();
  };

  #end(): void {
    this.#signal.removeEventListener('abort', this.#tell);
    if (watches.get(this.#signal) === this) watches.delete(this.#signal);
  }
}

const watches = new WeakMap<AbortSignal, AbortWatch>();

/**
 * Calls `aborted` when `signal` aborts. The listener is gone when nobody watches any more.
 *
 * @returns a function that ends the watch
 */
export function watchAbort(signal: AbortSignal, aborted: () => void): () => void {
  let watch = watches.get(signal);
  if (watch === undefined) {
    watch = new AbortWatch(signal);
    watches.set(signal, watch);
  }
  const joined = watch;
  joined.add(aborted);
  return () => joined.remove(aborted);
}
