/**
 * How the calls of a child ended, on its way to the pool: many in one message, values of neighbours in one list.
 *
 * @module
 */
import { type EncodedThrown, encodeThrown } from '../../shipping/error-codec.ts';
import { unclonableResult } from '../../shipping/unclonable.ts';
import { type Host, Thrown } from '../pool/host.ts';
import { copyOfResult } from '../pool/result.ts';
import { END, END_WORDS, MARK, TO_POOL } from './protocol.ts';
import { seal } from './seal.ts';

/** Sends to the parent. Throws when the message cannot be cloned; that the parent is gone is told elsewhere. */
export type SendUp = (message: readonly unknown[]) => void;

/** Collects outcomes, and sends them. */
export class Outcomes {
  readonly #send: SendUp;
  readonly #host: Host;
  /** Flat: what they are, the number of the first, the list. */
  #ends: unknown[] = [];
  /** The functions whose outcomes these are. */
  #routes: number[] = [];
  #lastEnd = -1;
  #lastRoute = -1;
  #lastList: unknown[] = [];

  constructor(send: SendUp, host: Host) {
    this.#send = send;
    this.#host = host;
  }

  get isEmpty(): boolean {
    return this.#ends.length === 0;
  }

  /** The function of the call that ended last. */
  get lastRoute(): number {
    return this.#lastRoute;
  }

  /** True for what has to leave at once, because the next body may change it. */
  valued(seq: number, route: number, value: unknown): boolean {
    if (typeof value === 'object' && value !== null) {
      const copy = copyOfResult(value, this.#host.nameOf(route));
      if (copy instanceof Thrown) this.thrown(seq, route, copy.encoded);
      else if (copy === undefined) return this.#large(seq, route, value);
      else this.#push(seq, route, END.value, copy);
    } else if (typeof value === 'function' || typeof value === 'symbol') {
      this.thrown(seq, route, this.#refused(route, value, undefined));
    } else this.#push(seq, route, END.value, value);
    return false;
  }

  #large(seq: number, route: number, value: object): boolean {
    try {
      const sealed = seal(value);
      this.#push(seq, route, sealed === value ? END.value : END.sealed, sealed);
      return sealed === value;
    } catch (error) {
      this.thrown(seq, route, this.#refused(route, value, error));
      return false;
    }
  }

  thrown(seq: number, route: number, encoded: EncodedThrown): void {
    // Its data can be cloned, but may have views.
    this.#push(seq, route, END.thrown, seal(encoded));
  }

  #refused(route: number, value: unknown, cause: unknown): EncodedThrown {
    return encodeThrown(unclonableResult(value, this.#host.nameOf(route), cause));
  }

  #push(seq: number, route: number, end: number, outcome: unknown): void {
    const isValue = end === END.value;
    if (isValue && seq === this.#lastEnd + 1 && route === this.#lastRoute) {
      append(this.#lastList, outcome);
    } else {
      this.#lastList = [outcome];
      this.#lastRoute = route;
      const ends = this.#ends;
      append(ends, end);
      append(ends, seq);
      append(ends, this.#lastList);
      append(this.#routes, route);
    }
    // What was thrown, or sealed, is on its own.
    this.#lastEnd = isValue ? seq : -2;
  }

  /**
   * Sends what there is.
   *
   * @param busy the milliseconds that bodies took since the start
   * @param isSwollen whether the heap is too large
   */
  post(busy: number, isSwollen: boolean): void {
    const [ends, routes] = [this.#ends, this.#routes];
    this.#ends = [];
    this.#routes = [];
    this.#lastEnd = -2;
    try {
      this.#send([MARK, TO_POOL.outcomes, busy, isSwollen, ...ends]);
    } catch {
      this.#postSingly(ends, routes, busy);
    }
  }

  /** One of them is to blame: it fails, and no other. */
  #postSingly(ends: readonly unknown[], routes: readonly number[], busy: number): void {
    const head = [MARK, TO_POOL.outcomes, busy, false];
    for (const [i, route] of routes.entries()) {
      const end = ends[i * END_WORDS] as number;
      let seq = ends[i * END_WORDS + 1] as number;
      for (const outcome of ends[i * END_WORDS + 2] as unknown[]) {
        try {
          this.#send([...head, end, seq, [outcome]]);
        } catch (error) {
          this.#send([...head, END.thrown, seq, [this.#refused(route, outcome, error)]]);
        }
        seq++;
      }
    }
  }
}

/**
 * Not by `push`, which a body may have replaced.
 *
 * @throws Error where a body has put a setter in the way: then nothing can be told any more
 */
function append<T>(list: T[], item: T): void {
  const at = list.length;
  list[at] = item;
  if (list.length === at) {
    throw new TypeError(
      `A body has put a setter for ${at} on Array.prototype: no outcome can be told`,
    );
  }
}
