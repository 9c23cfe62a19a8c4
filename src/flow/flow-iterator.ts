/**
 * The consumer's end of a flow: finished results wait here in a ring, requests that came too early in another. It is an object
 * written by hand, because `return()` of an async generator queues behind a pending `next()`.
 *
 * @module
 */
import type { Timer } from '../core/clock.ts';
import { type Cancelled, TimedOut } from '../core/errors.ts';
import { kernel, now } from '../core/kernel.ts';
import { Ring } from '../core/ring.ts';
import { currentToken, type Token } from '../core/token.ts';
import { Join, Wait } from '../core/wait.ts';
import type { FlowPlan, FlowStats } from './options.ts';
import { Pump } from './warm-pump.ts';
import type { Sink, Work } from './work.ts';

/** How results are handed out. */
export interface Delivery {
  readonly order: 'input' | 'completion';
  /** What the consumer gets. `values` (default): an error ends the flow. `errors`: it is a value. `outcomes`: as `settled()`. */
  readonly as?: 'values' | 'errors' | 'outcomes';
  /** A time limit for the whole iteration, in milliseconds. */
  readonly within?: number;
}

/** Turns what a body gave into what the consumer gets. Without `error`, a failed input gives nothing. */
export interface Shape<R, O> {
  value(value: R, index: number): O;
  readonly error: ((error: unknown, index: number) => O) | undefined;
}

/** A request for a result. A cancellation of whoever asked ends the flow, and only when that has ended the request. */
class Demand<O> extends Join<IteratorResult<O>> {
  leave: ((cancelled: Cancelled) => void) | undefined;

  override cancel(cancelled: Cancelled): void {
    this.leave?.(cancelled);
  }
}

/** Stands in the ring for a result that is `undefined`: an empty place is one that has not come. */
const NOTHING: unique symbol = Symbol('undefined');
/** Stands for an input that failed and has no result. */
const SKIPPED: unique symbol = Symbol('skipped');
type Place<O> = O | typeof NOTHING | typeof SKIPPED;

const NOT_STARTED: FlowStats = { pulled: 0, running: 0, done: 0, failed: 0, waiting: 0 };

/** Iterates one flow, once. */
export class FlowIterator<T, R, O> implements AsyncIterableIterator<O>, Sink<R> {
  readonly #plan: FlowPlan;
  readonly #work: Work<T, R>;
  readonly #delivery: Delivery;
  readonly #shape: Shape<R, O>;
  readonly #home: Token;
  /** In input order a place is the index of the input, counted from the next one to hand out. */
  readonly #ready = new Ring<Place<O>>();
  readonly #demands = new Ring<Demand<O>>(4);
  #pump: Pump<T, R> | undefined;
  #deadline: Timer | undefined;
  #handedOut = 0;
  #waiting = 0;
  #left = false;
  #cancelled: Cancelled | undefined;
  #over: 'no' | 'yes' | { readonly error: unknown } = 'no';
  #leaving: Join<void>[] = [];

  /** @param home whose cancellation stops the flow, besides that of a waiting consumer */
  constructor(
    plan: FlowPlan,
    work: Work<T, R>,
    delivery: Delivery,
    shape: Shape<R, O>,
    home: Token,
  ) {
    this.#plan = plan;
    this.#work = work;
    this.#delivery = delivery;
    this.#shape = shape;
    this.#home = home;
  }

  get stats(): FlowStats {
    return this.#pump?.stats ?? NOT_STARTED;
  }

  get errors(): readonly unknown[] {
    return this.#pump?.errors ?? [];
  }

  get waiting(): number {
    return this.#waiting;
  }

  get takesErrors(): boolean {
    return this.#shape.error !== undefined;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<O>> {
    const token = currentToken();
    const cancelled = token.effective;
    if (cancelled === undefined && this.#demands.length === 0 && this.#hasNext()) {
      const value = this.#shift();
      this.#pump?.grant();
      return Promise.resolve({ done: false, value });
    }
    if (this.#over !== 'no') return this.#hasNext() ? this.#cutOff() : this.#afterEnd();
    const demand = new Demand<O>(`next of ${this.#plan.name}`, token);
    demand.leave = (reason) => {
      this.#cancelled ??= reason;
      // What stops already ends with what has stopped it.
      if (this.#pump === undefined || this.#pump.state === 'running') this.#leave();
    };
    this.#demands.push(demand);
    if (cancelled !== undefined) demand.cancel(cancelled);
    else if (this.#pump === undefined) this.#start();
    else this.#pump.grant();
    return demand.promise;
  }

  /** Whoever asks is cancelled, and there are results that it has not got: to it "no more" would be a lie. */
  #cutOff(): Promise<IteratorResult<O>> {
    this.#over = 'yes';
    this.#leave();
    return new Wait<IteratorResult<O>>(`next of ${this.#plan.name}`).promise;
  }

  #start(): void {
    const { within } = this.#delivery;
    const goesOn = this.#plan.goesOn || this.#shape.error !== undefined;
    if (within !== undefined && within !== Number.POSITIVE_INFINITY) {
      this.#deadline = kernel.clock.at(now() + within, () => {
        const error = new TimedOut(within, this.#plan.name);
        this.#pump?.stop(error, { error });
      });
    }
    const plan = { ...this.#plan, goesOn };
    this.#pump = new Pump(plan, this.#work, this, plan.buffer + 1, this.#home.open());
    this.#pump.start();
  }

  async return(): Promise<IteratorResult<O>> {
    if (this.#over === 'no' && this.#pump?.token.encloses(currentToken()) === true) {
      throw new TypeError(
        `Cannot leave ${this.#plan.name} from inside it: it would wait for itself`,
      );
    }
    // What ended the flow before is not what its consumer leaves for.
    if (!this.#left && this.#over !== 'no') this.#over = 'yes';
    this.#leave();
    if (this.#over === 'no') {
      const join = new Join<void>(`end of ${this.#plan.name}`);
      this.#leaving.push(join);
      await join.promise;
    }
    await this.#afterEnd();
    return { done: true, value: undefined };
  }

  /** Nobody wants the results any more: what fails from now on is in `errors`, and only a source that cannot be closed is thrown. */
  #leave(): void {
    if (this.#left) return;
    this.#left = true;
    this.#ready.clear();
    this.#waiting = 0;
    if (this.#pump === undefined) this.end();
    else this.#pump.stop('the consumer left');
  }

  /** Rejects once with what ended the flow; from then on it is simply over. */
  async #afterEnd(): Promise<IteratorResult<O>> {
    const over = this.#over;
    this.#over = 'yes';
    if (typeof over === 'object') throw over.error;
    return { done: true, value: undefined };
  }

  value(index: number, value: R): void {
    this.#place(index, this.#shape.value(value, index));
  }

  error(index: number, error: unknown): void {
    const { error: shape } = this.#shape;
    if (shape !== undefined) {
      this.#place(index, shape(error, index));
      return;
    }
    // Nobody will be handed this result: its place goes to the next item.
    if (this.#delivery.order === 'input') this.#place(index, SKIPPED);
    this.#pump?.grant();
  }

  #place(index: number, result: Place<O>): void {
    if (this.#left) return;
    const place = result === undefined ? NOTHING : result;
    if (this.#delivery.order === 'input') this.#ready.put(index - this.#handedOut, place);
    else this.#ready.push(place);
    if (result !== SKIPPED) this.#waiting++;
    while (this.#demands.length > 0 && this.#hasNext()) {
      this.#demands.shift()?.ok({ done: false, value: this.#shift() });
    }
  }

  #hasNext(): boolean {
    while (this.#ready.at(0) === SKIPPED) {
      this.#ready.shift();
      this.#handedOut++;
    }
    return this.#ready.at(0) !== undefined;
  }

  #shift(): O {
    const value = this.#ready.shift();
    this.#handedOut++;
    this.#waiting--;
    return (value === NOTHING ? undefined : value) as O;
  }

  end(): void {
    this.#deadline?.stop();
    this.#over = this.#verdict() ?? 'yes';
    const cancelled = this.#cancelled;
    for (let demand = this.#demands.shift(); demand !== undefined; demand = this.#demands.shift()) {
      const over = this.#over;
      if (typeof over === 'object' && !(this.#left && cancelled !== undefined)) {
        this.#over = 'yes';
        demand.fail(over.error);
      } else if (cancelled !== undefined) {
        // Also for others who ask here: to them "no more" would be a lie.
        demand.fail(cancelled);
      } else demand.ok({ done: true, value: undefined });
    }
    for (const join of this.#leaving) join.ok();
  }

  #verdict(): { readonly error: unknown } | undefined {
    const pump = this.#pump;
    if (this.#left) return pump?.failure;
    return pump?.verdict() ?? (this.#shape.error === undefined ? pump?.aggregate() : undefined);
  }
}
