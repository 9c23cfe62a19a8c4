/**
 * The calls that leave for a child with one message. Neighbours of one function share what they have in common.
 *
 * @module
 */
import { type Duration, toMilliseconds } from '../../core/duration.ts';
import type { PoolCall } from '../pool/pool-call.ts';
import { isPrimitive } from '../pool/primitive.ts';
import type { Route } from '../pool/route.ts';
import type { Functions } from '../pool/sent-functions.ts';
import { Together } from '../pool/together.ts';
import {
  ANY_TIME,
  type CallOrder,
  FORM,
  indexAfter,
  MARK,
  NO_CARE,
  NO_INDEX,
  RUN_WORDS,
  TO_CHILD,
} from './protocol.ts';
import { seal } from './seal.ts';

/** One message in the making. */
export class CallBatch {
  /** Those that are new to the child, or that it can forget. */
  functions: Functions | undefined;
  /** Runs of calls, flat: form, route, number, index, attempt, care, list. */
  readonly #runs: unknown[] = [];
  #form: number = -1;
  #route = 0;
  #attempt = 0;
  #care: number = NO_CARE;
  /** What number and index of the next call must be to join the run. */
  #seq = 0;
  #index = 0;
  #list: unknown[] = [];
  #count = 0;
  readonly #together = new Together();

  get isEmpty(): boolean {
    return this.#runs.length === 0;
  }

  get firstSeq(): number {
    return this.#runs[2] as number;
  }

  /** Adds a call whose only argument can be cloned by everybody. False if it is none. */
  addValue(call: PoolCall, seq: number): boolean {
    const { args } = call;
    if (args.length !== 1 || call.call.extras !== undefined || !isPrimitive(args[0])) return false;
    this.#add(FORM.values, call, seq, args[0]);
    return true;
  }

  /** Whether a call may travel with these. */
  takes(order: CallOrder): boolean {
    return !this.#together.shares(order);
  }

  addOrder(call: PoolCall, seq: number, order: CallOrder): void {
    this.#together.add(order);
    this.#add(FORM.orders, call, seq, order);
  }

  #add(form: 0 | 1, call: PoolCall, seq: number, item: unknown): void {
    const { index = NO_INDEX, attempt = 1, timeout } = call.call;
    const route = call.route.id;
    const care = careFor(timeout, call.unwatch !== undefined, call.route);
    const isNext =
      form === this.#form &&
      route === this.#route &&
      seq === this.#seq &&
      index === this.#index &&
      attempt === this.#attempt &&
      care === this.#care;
    if (!isNext) {
      this.#form = form;
      this.#route = route;
      this.#attempt = attempt;
      this.#care = care;
      this.#list = [];
      this.#runs.push(form, route, seq, index, attempt, care, this.#list);
    }
    this.#list.push(item);
    this.#count++;
    this.#seq = seq + 1;
    this.#index = indexAfter(index, 1);
  }

  /** @throws RangeError when something in it is too deep to be written */
  message(): unknown[] {
    const { functions, firstSeq } = this;
    return [MARK, TO_CHILD.calls, functions, seal(this.#runs), firstSeq, this.#count];
  }

  /** The same calls, one by one. */
  *split(): Generator<CallBatch> {
    const runs = this.#runs;
    const functions = new CallBatch();
    functions.functions = this.functions;
    if (functions.functions !== undefined) yield functions;
    for (let i = 0; i < runs.length; i += RUN_WORDS) {
      const [form, route, seq, index, attempt, care, list] = runs.slice(i, i + RUN_WORDS);
      let offset = 0;
      for (const item of list as unknown[]) {
        const alone = new CallBatch();
        const at = (seq as number) + offset;
        const place = indexAfter(index as number, offset);
        alone.#runs.push(form, route, at, place, attempt, care, [item]);
        alone.#count = 1;
        offset++;
        yield alone;
      }
    }
  }
}

/** Functions that were at work when a child died. */
const fatal = new WeakSet<Route>();

/** Has all further calls of a function handled with care: it may be what kills children. */
export function noteFatal(route: Route): void {
  fatal.add(route);
}

function careFor(timeout: Duration | undefined, hasOwnSignal: boolean, route: Route): number {
  if (timeout !== undefined) return toMilliseconds(timeout, 'timeout');
  return !hasOwnSignal && !fatal.has(route) ? NO_CARE : ANY_TIME;
}
