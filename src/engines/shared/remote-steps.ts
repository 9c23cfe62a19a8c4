/**
 * The worker's end of a generator: what it is asked for, and its values on their way.
 *
 * @module
 */
import { Ring } from '../../core/ring.ts';
import { Wait } from '../../core/wait.ts';
import { monotonicNow, nextTurn } from '../../runtime/runtime.ts';
import { titleOf } from '../../shipping/errors.ts';
import { cloneBehind, findUnclonable, Unclonable } from '../../shipping/unclonable.ts';
import { partsToMove } from '../pool/move.ts';
import { smallCopy } from '../pool/small-copy.ts';
import type { Borrower } from './borrower.ts';
import { pack } from './pack.ts';
import { STEP, type StepKind } from './steps.ts';
import { thrownElsewhere } from './thrown.ts';

/** Milliseconds after which values leave, though more could be made, and the event loop gets its turn. */
const PACE = 0.5;

/** What is asked for. */
export interface Step {
  readonly kind: StepKind;
  readonly value: unknown;
}

const PLAIN: Step = { kind: STEP.next, value: undefined };

/** Takes requests in their order. Values that are made without a turn of the event loop in between travel together. */
export class RemoteSteps {
  readonly #borrower: Borrower;
  readonly #id: number;
  readonly #asked = new Ring<Step>();
  /** Plain requests at the head of those. */
  #more = 0;
  #wait: Wait<void> | undefined;
  #values: unknown[] = [];
  #flushDue = false;
  #since = 0;
  #failed: { readonly error: unknown } | undefined;

  constructor(borrower: Borrower, id: number) {
    this.#borrower = borrower;
    this.#id = id;
    borrower.listen(id, {
      event: (what) => this.#came(what as readonly [StepKind, unknown]),
    });
  }

  /** Says that requests can come. */
  ready(): void {
    this.#since = monotonicNow();
    this.#borrower.tell(this.#id, 'ready', []);
  }

  #came([kind, value]: readonly [StepKind, unknown]): void {
    if (kind === STEP.more && this.#asked.length === 0) this.#more += value as number;
    else this.#asked.push({ kind, value: kind === STEP.throw ? thrownElsewhere(value) : value });
    this.#wait?.ok();
  }

  /** What is asked for next; undefined when nothing is yet. */
  take(): Step | undefined {
    if (this.#more > 0) {
      this.#more--;
      return PLAIN;
    }
    const step = this.#asked.shift();
    if (step?.kind !== STEP.more) return step;
    this.#more = step.value as number;
    return this.take();
  }

  /**
   * Sends what there is, and waits until something is asked for.
   *
   * @throws Cancelled when the call is to stop; Unclonable for a value that could not be sent
   */
  async wanted(): Promise<void> {
    this.flush();
    while (this.#more === 0 && this.#asked.length === 0) {
      const wait = new Wait<void>('request');
      this.#wait = wait;
      await wait.promise;
      this.#since = monotonicNow();
    }
  }

  /** Whether it is time to send, and to hear what is new. */
  get isLong(): boolean {
    return monotonicNow() - this.#since > PACE;
  }

  /**
   * Answers a request.
   *
   * @throws Unclonable when this value, or one before it, cannot be sent
   */
  give(value: unknown): void {
    if (this.#failed !== undefined) throw this.#failed.error;
    if (typeof value === 'object' && value !== null) this.#giveObject(value);
    else if (typeof value === 'function' || typeof value === 'symbol') throw this.#refusal(value);
    else this.#values.push(value);
  }

  #giveObject(value: object): void {
    pack([value], 'value', never, this.#borrower.name);
    const parts = partsToMove([value], undefined);
    if (parts === undefined) {
      const copy = smallCopy(value);
      // It may be so deep that nobody can read it, but those before it are as good as any.
      if (copy === undefined) this.#post();
      this.#values.push(copy ?? value);
      // The generator may change it.
      if (copy === undefined) this.#post();
      return;
    }
    this.flush();
    this.#send([value], parts);
  }

  /** Sends what there is when this turn is over: the next value may be long in coming. */
  flushSoon(): void {
    if (this.#flushDue || this.#values.length === 0) return;
    this.#flushDue = true;
    nextTurn(() => {
      this.#flushDue = false;
      try {
        this.flush();
      } catch (error) {
        this.#failed = { error };
      }
    });
  }

  /**
   * Sends what there is.
   *
   * @throws Unclonable when one of the values cannot be sent; those before it have been
   */
  flush(): void {
    if (this.#failed !== undefined) throw this.#failed.error;
    this.#since = monotonicNow();
    this.#post();
  }

  #post(): void {
    const values = this.#values;
    if (values.length === 0) return;
    this.#values = [];
    try {
      this.#borrower.say(this.#id, 'gave', values, undefined);
    } catch {
      // One of them is to blame: those before it are sent, and it is named.
      for (const value of values) this.#send([value], undefined);
    }
  }

  #send(values: readonly unknown[], parts: readonly unknown[] | undefined): void {
    try {
      this.#borrower.say(this.#id, 'gave', values, parts);
    } catch (error) {
      throw this.#refusal(values[0], error);
    }
  }

  #refusal(value: unknown, cause?: unknown): Unclonable {
    return new Unclonable(
      `a value of ${titleOf(this.#borrower.name)} from a worker`,
      findUnclonable(value, 'value', cloneBehind(cause)),
      { cause },
    );
  }
}

function never(): never {
  throw new Error('Cannot lend from a value');
}
