/**
 * The calls of a pool that no worker has.
 *
 * @module
 */
import { WaitQueue } from '../../core/wait-queue.ts';
import type { PoolCall } from './pool-call.ts';
import type { Route } from './route.ts';

/** First in, first out; what comes back from a worker goes to the front. */
export class Waiting {
  readonly #shared = new WaitQueue<unknown>();
  readonly #exclusive = new WaitQueue<unknown>();

  /** How many wait for any worker. */
  get shared(): number {
    return this.#shared.length;
  }

  /** How many want a worker for themselves. */
  get exclusive(): number {
    return this.#exclusive.length;
  }

  get length(): number {
    return this.shared + this.exclusive;
  }

  #queueOf(call: PoolCall): WaitQueue<unknown> {
    return call.isExclusive ? this.#exclusive : this.#shared;
  }

  push(call: PoolCall): void {
    this.#queueOf(call).push(call);
  }

  /** A call has come back: it is the next. */
  putBack(call: PoolCall): void {
    call.worker = undefined;
    call.timer?.stop();
    this.#queueOf(call).insert(call, undefined);
  }

  /** Has what takes time done while a worker starts for the next call. */
  prepare(): void {
    const next = this.#shared.first ?? this.#exclusive.first;
    (next as PoolCall | undefined)?.route.place();
  }

  /** The next call for any worker; it stays. */
  get first(): PoolCall | undefined {
    return this.#shared.first as PoolCall | undefined;
  }

  remove(call: PoolCall): void {
    this.#queueOf(call).remove(call);
  }

  /** Takes out the next call that wants a worker for itself. */
  shiftExclusive(): PoolCall | undefined {
    return this.#exclusive.shift() as PoolCall | undefined;
  }

  /** Takes out those that want a worker for themselves. */
  takeExclusive(): PoolCall[] {
    return takeFrom(this.#exclusive, () => true);
  }

  /** Takes out all, or all calls of a function. */
  take(route?: Route): PoolCall[] {
    const isWanted = (call: PoolCall): boolean => route === undefined || call.route === route;
    return [...takeFrom(this.#shared, isWanted), ...takeFrom(this.#exclusive, isWanted)];
  }
}

function takeFrom(queue: WaitQueue<unknown>, isWanted: (call: PoolCall) => boolean): PoolCall[] {
  const calls = ([...queue] as PoolCall[]).filter(isWanted);
  for (const call of calls) queue.remove(call);
  return calls;
}
