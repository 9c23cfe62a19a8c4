/**
 * Runs a pump to its end and waits for it: what `map`, `collect`, `gather` and `race` have in common.
 *
 * @module
 */
import { isA } from '../core/arguments.ts';
import { Cancelled } from '../core/errors.ts';
import type { Settled } from '../core/task.ts';
import { currentToken } from '../core/token.ts';
import { Join, Wait } from '../core/wait.ts';
import type { FlowPlan } from './options.ts';
import { Pump } from './warm-pump.ts';
import type { Sink, Work } from './work.ts';

/** Collects outcomes; `result` is asked for when all has ended well. */
export abstract class Collector<R, O> implements Sink<R> {
  /** Nothing waits for a consumer here. */
  readonly waiting = 0;
  /** Called when all has ended; `runToEnd` sets it. */
  onEnd: (() => void) | undefined;
  /** Ends the flow early, with success; `runToEnd` sets it. */
  enough: (() => void) | undefined;

  /** The errors are part of the result; otherwise they become one AggregateError. */
  get takesErrors(): boolean {
    return false;
  }

  /** It has its result, whatever becomes of the other items. */
  get isDecided(): boolean {
    return false;
  }

  abstract value(index: number, value: R): void;
  error(_index: number, _error: unknown): void {
    // The pump keeps the errors; most collectors have nothing to add.
  }

  abstract result(): O;
  end(): void {
    this.onEnd?.();
  }
}

/**
 * Runs `work` and gives what the collector made of it. No cancellation ends the wait itself: the pump stops, and with it the wait.
 */
export function runToEnd<T, R, O>(
  plan: FlowPlan,
  work: Work<T, R>,
  collector: Collector<R, O>,
): Promise<O> {
  if (currentToken().effective !== undefined) return new Wait<O>(plan.name).promise;
  const join = new Join<O>(plan.name);
  const pump = new Pump(plan, work, collector, Number.POSITIVE_INFINITY);
  let enough = false;
  collector.enough = () => {
    // What comes while the flow stops has come too late.
    if (pump.state !== 'running') return;
    enough = true;
    pump.stop('it has its result');
  };
  collector.onEnd = () => {
    const failed = enough ? pump.failure : pump.verdict();
    const isWhole = enough || collector.takesErrors || collector.isDecided;
    const last = isWhole ? undefined : pump.aggregate();
    const error = failed ?? last;
    if (error === undefined) join.ok(collector.result());
    else join.fail(error.error);
  };
  pump.start();
  return join.promise;
}

/** Collects values in input order. The list grows without holes, or a late index would turn it into a dictionary. */
export class ListCollector<R> extends Collector<R, R[]> {
  readonly #values: (R | undefined)[];

  /** @param length how many there will be, if it is known: the list need not grow then */
  constructor(length = 0) {
    super();
    // An empty array would be one for small integers, and change its kind with the first result of each flow.
    this.#values = [undefined];
    this.#values.length = length;
  }

  override value(index: number, value: R): void {
    const values = this.#values;
    if (index < values.length) {
      values[index] = value;
      return;
    }
    while (values.length < index) values.push(undefined);
    values.push(value);
  }

  override result(): R[] {
    return this.#values as R[];
  }
}

/** Collects how each input ended, in input order. */
export class SettledCollector<R> extends Collector<R, Settled<R>[]> {
  readonly #list = new ListCollector<Settled<R>>();

  override get takesErrors(): boolean {
    return true;
  }

  override value(index: number, value: R): void {
    this.#list.value(index, { status: 'done', value });
  }

  override error(index: number, error: unknown): void {
    const cancelled = isA(error, Cancelled);
    this.#list.value(
      index,
      cancelled ? { status: 'cancelled', error } : { status: 'failed', error },
    );
  }

  override result(): Settled<R>[] {
    return this.#list.result();
  }
}
