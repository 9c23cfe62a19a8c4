/**
 * A flow as its consumer sees it: an async iterable of results that is started by the first request, and over when it is left.
 *
 * @module
 */

import { requireFunction } from '../core/arguments.ts';
import { CallContext, type Context, type MaybePromise } from '../core/context.ts';
import { show } from '../core/shown.ts';
import { currentToken, type Token } from '../core/token.ts';
import { type Delivery, FlowIterator, type Shape } from './flow-iterator.ts';
import type { FlowPlan, FlowStats } from './options.ts';
import { doneOutcome, failedOutcome, type Outcome } from './outcome.ts';
import type { Work } from './work.ts';

/**
 * Results as they come. A flow is single use: iterating it a second time throws. It starts with the first request. Leaving it
 * early (`break`, an error, a cancellation of the consumer, disposal) stops pulling, cancels the running and waits for them, and
 * closes the source, also while a read is out. One that is cancelled while there may be more to come rejects: a loop never ends as if it had seen
 * all. As with an async generator, it is over after the first `next()` that rejects; `settled()` goes on.
 */
export interface Flow<R> extends AsyncIterable<R>, AsyncDisposable {
  /** Iterates outcomes instead of values: an error is one of them, and the flow goes on. */
  settled(): AsyncIterable<Outcome<R>>;
  /** Collects all values, in the order of the flow. */
  toArray(): Promise<R[]>;
  /** Calls `fn` with each value, one after the other. */
  forEach(fn: (value: R, context: Context) => MaybePromise<void>): Promise<void>;
  /** How far it is. */
  readonly stats: FlowStats;
  /** All errors so far, in the order of time, but for those that were handed out: as outcomes, or as values. */
  readonly errors: readonly unknown[];
}

const OUTCOMES: Shape<unknown, Outcome<unknown>> = { value: doneOutcome, error: failedOutcome };

/** The one implementation of Flow. */
export class PumpedFlow<T, R> implements Flow<R> {
  readonly #plan: FlowPlan;
  readonly #work: Work<T, R>;
  readonly #delivery: Delivery;
  readonly #home: Token;
  #iterator: FlowIterator<T, R, unknown> | undefined;
  #disposed = false;

  constructor(plan: FlowPlan, work: Work<T, R>, delivery: Delivery) {
    this.#plan = plan;
    this.#work = work;
    this.#delivery = delivery;
    this.#home = currentToken();
  }

  get stats(): FlowStats {
    return this.#iterator?.stats ?? { pulled: 0, running: 0, done: 0, failed: 0, waiting: 0 };
  }

  get errors(): readonly unknown[] {
    return this.#iterator?.errors ?? [];
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<R> {
    const { as = 'values' } = this.#delivery;
    if (as === 'outcomes') return this.#open(OUTCOMES as Shape<R, R>);
    return this.#open({
      value: (value) => value,
      error: as === 'errors' ? (error) => error as R : undefined,
    });
  }

  settled(): AsyncIterable<Outcome<R>> {
    return { [Symbol.asyncIterator]: () => this.#open(OUTCOMES as Shape<R, Outcome<R>>) };
  }

  /** @throws TypeError when it was iterated or disposed of */
  requireUnused(): void {
    if (this.#iterator !== undefined || this.#disposed) {
      const state = this.#disposed ? 'after its disposal' : 'twice';
      throw new TypeError(`Cannot iterate ${this.#plan.name} ${state}: a flow is single use`);
    }
  }

  #open<O>(shape: Shape<R, O>): FlowIterator<T, R, O> {
    this.requireUnused();
    const iterator = new FlowIterator(this.#plan, this.#work, this.#delivery, shape, this.#home);
    this.#iterator = iterator as FlowIterator<T, R, unknown>;
    return iterator;
  }

  async toArray(): Promise<R[]> {
    const values: R[] = [];
    for await (const value of this) values.push(value);
    return values;
  }

  async forEach(fn: (value: R, context: Context) => MaybePromise<void>): Promise<void> {
    requireFunction(fn, 'fn');
    let index = 0;
    for await (const value of this) await fn(value, new CallContext(currentToken(), index++, 1));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    await this.#iterator?.return();
  }

  static {
    show(PumpedFlow.prototype, (flow) => {
      const { pulled, running, done, failed } = flow.stats;
      const what = `flow ${flow.#plan.name}`;
      if (flow.#iterator === undefined)
        return { what, state: flow.#disposed ? 'disposed' : 'not started' };
      return { what, pulled, running, done, failed };
    });
  }
}
