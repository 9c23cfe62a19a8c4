/**
 * The worker's side of a call: makes the proxies, asks on their behalf, and matches the answers.
 *
 * @module
 */
import { bounded, refuseLate, type WaitBounds } from '../../core/bounds.ts';
import type { NamesOf } from '../../core/known-options.ts';
import { currentToken } from '../../core/token.ts';
import { Wait } from '../../core/wait.ts';
import { titleOf } from '../../shipping/errors.ts';
import { cloneBehind, findUnclonable, Unclonable } from '../../shipping/unclonable.ts';
import { CallEnded } from './call-ended.ts';
import type { Line } from './line.ts';
import { type Borrowing, type Hole, type Packed, pack, unpack } from './pack.ts';
import {
  ARRIVED,
  ASK,
  CANCEL,
  ENTRUSTED,
  EVENT,
  FAILED,
  type FromWorker,
  GIVEN,
  TELL,
  type ToWorker,
  WITHDRAWN,
} from './protocol.ts';
import { proxyOf } from './proxies.ts';
import { type Leaving, RemoteWait } from './remote-wait.ts';
import { thrownElsewhere } from './thrown.ts';

/** Who gets the answer to a question. */
export interface Answered {
  given(value: unknown): void;
  failed(error: unknown): void;
  /** It was taken back, and has had no effect. */
  withdrew(): void;
}

/** How a proxy waits for its answer. */
export interface Wanted {
  readonly label: string;
  readonly leaving: Leaving;
  readonly bounds?: WaitBounds | undefined;
  /** Of what else the bounds may say, where they may. */
  readonly names?: NamesOf<WaitBounds> | undefined;
  /** It is asked in a cancelled scope too, where nobody waits for the answer. Default false. */
  readonly always?: boolean;
}

/** Who is told what happens without having been asked for, and that the body has ended. */
export interface Listening {
  event?(what: unknown): void;
  /** The body has ended: the last moment to say something. */
  finish?(): void;
}

/** What the proxies of one call share. */
export class Borrower implements Borrowing {
  readonly #line: Line;
  /** What errors call the function of the call. */
  readonly name: string;
  readonly #proxies = new Map<number, object>();
  readonly #listening = new Map<number, Listening>();
  /** What happened to objects before the values arrived in which they are. */
  readonly #early = new Map<number, unknown[]>();
  readonly #questions = new Map<number, Answered>();
  #lastQuestion = 0;
  #lastHandle = 0;
  #over: CallEnded | undefined;

  /** @param name what errors call the function of the call */
  constructor(line: Line, name: string) {
    this.#line = line;
    this.name = name;
    line.receive = (message) => this.#receive(message as ToWorker);
  }

  /** The proxy for a hole; the same one for the same object. */
  borrow(hole: Hole): unknown {
    let proxy = this.#proxies.get(hole.id);
    if (proxy === undefined) {
      proxy = proxyOf(this, hole);
      this.#proxies.set(hole.id, proxy);
    }
    return proxy;
  }

  /** Passes on what happens to an object. */
  listen(object: number, listening: Listening): void {
    this.#listening.set(object, listening);
    for (const what of this.#early.get(object) ?? []) listening.event?.(what);
    this.#early.delete(object);
  }

  /**
   * Says that the body has ended, before its result is sent: what was not used goes back, and whoever still waits, or comes later, gets
   * `CallEnded`. Further calls do nothing.
   */
  finish(): void {
    if (this.#over !== undefined) return;
    for (const each of this.#listening.values()) each.finish?.();
    this.#over = new CallEnded(`go on in ${this.name || 'a call'}`);
    this.#listening.clear();
    const questions = [...this.#questions.values()];
    this.#questions.clear();
    for (const each of questions) each.failed(this.#over);
  }

  /** Something could not be read that was sent here: it may be the answer to any question that is out. */
  missed(cause: unknown): void {
    const what = `an answer to ${titleOf(this.name)} in a worker`;
    const culprit = { path: 'it', what: 'nested too deeply to be read there' };
    const error = new Unclonable(what, culprit, { cause });
    const questions = [...this.#questions.values()];
    this.#questions.clear();
    for (const each of questions) each.failed(error);
  }

  /** Whether the call is still going on. */
  get isOpen(): boolean {
    return this.#over === undefined;
  }

  /** @throws CallEnded when the call has ended */
  requireOpen(action: string): void {
    if (this.#over !== undefined) throw new CallEnded(action);
  }

  /** Asks on behalf of the code that runs now, whose cancellation takes the question back. */
  ask<T>(object: number, method: string, args: readonly unknown[], wanted: Wanted): Promise<T> {
    try {
      this.requireOpen(`wait for ${wanted.label}`);
      const { label, leaving, bounds, names } = wanted;
      const token = currentToken();
      if (token.effective !== undefined && leaving !== 'regardless') {
        if (wanted.always === true) this.pose(object, method, args, NOBODY);
        return new Wait<T>(label, token).promise;
      }
      const wait = new RemoteWait<T>(label, token, leaving);
      refuseLate(wait, bounds, names);
      if (!wait.settled) this.#poseFor(wait, object, method, args);
      return bounded(wait, bounds);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #poseFor<T>(wait: RemoteWait<T>, object: number, method: string, args: readonly unknown[]): void {
    try {
      const question = this.pose(object, method, args, {
        given: (value) => wait.ok(value as T),
        failed: (error) => wait.fail(error),
        withdrew: () => wait.withdrew(),
      });
      wait.takeBack = () => this.takeBack(question, wait.leaving !== 'decided');
    } catch (error) {
      wait.fail(error);
    }
  }

  /**
   * Asks, and calls back with the answer.
   *
   * @returns the number of the question
   * @throws Unclonable when an argument cannot be sent; nothing was asked then
   */
  pose(object: number, method: string, args: readonly unknown[], answered: Answered): number {
    const question = ++this.#lastQuestion;
    this.#send([ASK, question, object, method, args], args);
    this.#questions.set(question, answered);
    return question;
  }

  /** The number that the next question will have. */
  get nextQuestion(): number {
    return this.#lastQuestion + 1;
  }

  /** Takes a question back. With `forget`, its answer is not passed on. */
  takeBack(question: number, forget: boolean): void {
    if (!this.#questions.has(question)) return;
    if (forget) this.#questions.delete(question);
    if (this.isOpen) this.#line.send([CANCEL, question] satisfies FromWorker);
  }

  /** Tells something that needs no answer. After the end of the call nobody listens. */
  tell(object: number, method: string, args: readonly unknown[]): void {
    if (this.isOpen) this.#send([TELL, object, method, args], args);
  }

  /**
   * Tells something that has been looked at already.
   *
   * @throws whatever the clone throws
   */
  say(
    object: number,
    method: string,
    args: readonly unknown[],
    transfer: readonly unknown[] | undefined,
  ): void {
    if (this.isOpen) this.#line.send([TELL, object, method, args] satisfies FromWorker, transfer);
  }

  /** Makes a further handle of an object: its number. */
  handle(object: number): number {
    const handle = --this.#lastHandle;
    this.tell(object, 'handle', [handle]);
    return handle;
  }

  #send(message: FromWorker, args: readonly unknown[]): void {
    try {
      pack(args, 'sent', () => this as never, this.name);
      this.#line.send(message);
    } catch (error) {
      if ((error as { readonly code?: unknown }).code === 'ERR_UNCLONABLE') throw error;
      throw this.#unsendable(args, error);
    }
  }

  #unsendable(args: readonly unknown[], cause: unknown): Unclonable {
    const what = `to a shared object what a worker of ${titleOf(this.name)} gave it`;
    return new Unclonable(what, findUnclonable(args, 'sent', cloneBehind(cause)), { cause });
  }

  #receive(message: ToWorker): void {
    if (message[0] === EVENT) {
      this.#happened(message[1], message[2]);
      return;
    }
    const answered = this.#questions.get(message[1]);
    this.#questions.delete(message[1]);
    if (answered === undefined) return;
    switch (message[0]) {
      case GIVEN:
        answered.given(this.#valueOf(message[2], message[3]));
        break;
      case ENTRUSTED:
        this.#line.send([ARRIVED, message[1]] satisfies FromWorker);
        answered.given(this.#valueOf(message[2], message[3]));
        break;
      case FAILED:
        answered.failed(thrownElsewhere(message[2]));
        break;
      case WITHDRAWN:
        answered.withdrew();
        break;
    }
  }

  #valueOf(values: readonly unknown[], holes: Packed['holes']): unknown {
    return unpack({ values, holes }, () => this)[0];
  }

  #happened(object: number, what: unknown): void {
    const listening = this.#listening.get(object);
    if (listening !== undefined) {
      listening.event?.(what);
      return;
    }
    if (!this.isOpen) return;
    const early = this.#early.get(object);
    if (early === undefined) this.#early.set(object, [what]);
    else early.push(what);
  }
}

const NOBODY: Answered = { given: () => {}, failed: () => {}, withdrew: () => {} };
