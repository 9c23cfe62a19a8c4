/**
 * The hand-written baselines: what the same work costs without a library. They check nothing,
 * cancel nothing and forget all errors but the first, so no library can be expected to reach them.
 *
 * @module
 */

/** One of several workers that share an iterator; its callback is made once, not once an item. */
class Lane<T, R> {
  #index = 0;
  readonly #shared: Lanes<T, R>;
  readonly #next = (value: R): void => {
    this.#shared.results[this.#index] = value;
    this.advance();
  };

  constructor(shared: Lanes<T, R>) {
    this.#shared = shared;
  }

  advance(): void {
    const shared = this.#shared;
    const step = shared.iterator.next();
    if (step.done === true) {
      shared.running--;
      if (shared.running === 0) shared.finish(shared.results);
      return;
    }
    this.#index = shared.started++;
    shared.body(step.value).then(this.#next, shared.fail);
  }
}

interface Lanes<T, R> {
  readonly iterator: Iterator<T>;
  readonly body: (item: T) => Promise<R>;
  readonly results: R[];
  readonly finish: (results: R[]) => void;
  readonly fail: (error: unknown) => void;
  started: number;
  running: number;
}

/** A bounded map: `limit` lanes over one iterator, results in input order. */
export function lanes<T, R>(
  source: Iterable<T>,
  body: (item: T) => Promise<R>,
  limit: number,
): Promise<R[]> {
  return new Promise((finish, fail) => {
    const iterator = source[Symbol.iterator]();
    const shared = { iterator, body, results: [], finish, fail, started: 0, running: limit };
    for (let lane = 0; lane < limit; lane++) new Lane<T, R>(shared).advance();
  });
}

/** A serial stream, one item at a time. */
export async function* serialStream<T, R>(
  source: Iterable<T>,
  body: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  for (const item of source) yield await body(item);
}

/** No limit at all: starts everything, then waits for everything. */
export function unlimited<T, R>(source: Iterable<T>, body: (item: T) => Promise<R>): Promise<R[]> {
  const started: Promise<R>[] = [];
  for (const item of source) started.push(body(item));
  return Promise.all(started);
}
