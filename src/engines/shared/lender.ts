/**
 * The owner's side of a call: holds what was lent, does what the worker asks for, and takes everything back at the end.
 *
 * What is asked runs in a token of its own, so that a cancellation in the worker, its death and the end of the call withdraw it as the
 * cancellation of a task would (S7): no item taken, no permit held. An item that was taken but whose arrival the worker has not confirmed
 * goes back to the head of its queue when the call ends.
 *
 * @module
 */
import { describe, isThenable } from '../../core/arguments.ts';
import { captureContext, inFrame, rootToken, Token } from '../../core/token.ts';
import { encodeThrown } from '../../shipping/error-codec.ts';
import { titleOf } from '../../shipping/errors.ts';
import { cloneBehind, findUnclonable, Unclonable } from '../../shipping/unclonable.ts';
import { forged } from '../pool/forged.ts';
import type { Kind } from './kinds.ts';
import type { Asking, Lent, Operation } from './lent.ts';
import type { Line } from './line.ts';
import { type Lending, pack } from './pack.ts';
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
import { handleOf, lentAs } from './services.ts';

/** Why everything is withdrawn that was still asked for. */
const ENDED = 'the call has ended';

/** One question that has not been answered. */
class Question implements Asking {
  readonly question: number;
  readonly token: Token;
  readonly lent: Lent;
  readonly operation: Operation<never>;
  cancelled = false;
  /** It has called back: the worker may wait for what the caller's code does. */
  hasCalled = false;
  readonly #lender: Lender;

  constructor(lender: Lender, question: number, lent: Lent, method: string, parent: Token) {
    const operation = Object.hasOwn(lent.asks, method) ? lent.asks[method] : undefined;
    if (operation === undefined) throw new TypeError(`Cannot ask a shared object for ${method}`);
    this.#lender = lender;
    this.question = question;
    this.lent = lent;
    this.operation = operation;
    this.token = new Token(`${method} of a worker`, parent, 'part');
  }

  get signal(): AbortSignal {
    return this.token.signal;
  }

  inContext<R>(fn: () => R): R {
    return this.#lender.callBack(this, fn);
  }

  keep(release: (how?: unknown) => void): void {
    this.#lender.keep(this.question, release);
  }

  release(): void {
    this.#lender.release(this.question);
  }
}

/** More cannot be handed over on the stack; and a list of nothing but holes can be as long as it likes. */
const MOST_ARGUMENTS = 65_536;

function requireArguments(args: unknown, method: string): void {
  if (Array.isArray(args) && args.length <= MOST_ARGUMENTS) return;
  const got = Array.isArray(args) ? `${args.length}` : describe(args);
  throw new RangeError(
    `Expected arguments for ${method} of a shared object to be a list of at most ${MOST_ARGUMENTS}: got ${got}`,
  );
}

/** Something that was given, and may have to come back. */
interface Entrusted {
  readonly question: Question;
  readonly value: unknown;
}

/** What went wrong where nobody could be told. */
interface Failure {
  readonly error: unknown;
}

/** What was lent to one call. */
export class Lender implements Lending {
  readonly #name: string;
  readonly #context = captureContext();
  readonly #token: Token;
  /** Those lent from here have numbers from 0; handles that the worker made have its numbers, below 0. */
  readonly #lent = new Map<number, Lent>();
  readonly #ids = new Map<object, number>();
  readonly #questions = new Map<number, Question>();
  readonly #entrusted = new Map<number, Entrusted>();
  readonly #kept = new Map<number, (how?: unknown) => void>();
  #line: Line | undefined;
  #over = false;
  #failure: Failure | undefined;
  #calling = 0;
  /** The question that came last. They are counted up. */
  #last = 0;

  /** @param name what errors call the function of the call */
  constructor(name: string) {
    this.#name = name;
    this.#token = inFrame(
      rootToken,
      () => new Token(`worker of ${name || 'a call'}`, rootToken, 'part'),
    );
  }

  /** Lends an object; the same one again has the same number. */
  lend(kind: Kind, object: object): { readonly id: number; readonly state?: unknown } {
    let id = this.#ids.get(object);
    if (id === undefined) {
      id = this.#ids.size;
      const own = id;
      this.#ids.set(object, id);
      this.#lent.set(
        own,
        lentAs(kind, object, (what) => this.#send([EVENT, own, what])),
      );
    }
    return { id, state: this.#lent.get(id)?.state };
  }

  /**
   * The line to the worker that has the call now. Another one may follow as long as the body has not begun.
   *
   * What the worker sent before it died must arrive before `end` is called: the `exit` event of a thread can come before messages of its
   * ports. A confirmation that is lost on the way makes an item come back that the body has had.
   */
  connect(line: Line): void {
    const before = this.#line;
    if (before !== undefined) {
      // Whatever becomes of that worker is nothing to this call any more.
      before.receive = () => {};
    }
    this.#line = line;
    line.receive = (message) => this.#receive(message);
    for (const lent of this.#lent.values()) lent.connected?.();
  }

  /**
   * Takes everything back: what was asked for is withdrawn, what did not arrive is put back, leases are released, iterators closed,
   * listeners removed. The same whether the body has ended or its worker has died. Further calls do nothing. Gives the first error of a
   * release, if one failed.
   */
  end(): Failure | undefined {
    if (this.#over) return undefined;
    this.#over = true;
    this.#line = undefined;
    this.#token.cancel(ENDED);
    for (const { question, value } of [...this.#entrusted.values()].reverse()) {
      question.operation.takeBack?.(question.lent.object as never, value);
    }
    this.#entrusted.clear();
    for (const release of this.#kept.values()) this.#release(release, undefined);
    this.#kept.clear();
    for (const lent of this.#lent.values()) lent.end?.();
    // A callback may never settle, and must not keep anything: its token stays cancelled.
    for (const question of this.#questions.values()) question.token.close();
    this.#token.close();
    return this.#failure;
  }

  /** Whether the worker has called back, and has no answer yet. */
  get isCalling(): boolean {
    return this.#calling > 0;
  }

  callBack<R>(question: Question, fn: () => R): R {
    if (!question.hasCalled) this.#calling++;
    question.hasCalled = true;
    return this.#context.runInAsyncScope(fn);
  }

  keep(question: number, release: (how?: unknown) => void): void {
    if (this.#over) this.#release(release, undefined);
    else this.#kept.set(question, release);
  }

  release(question: number, how?: unknown): void {
    const release = this.#kept.get(question);
    this.#kept.delete(question);
    if (release !== undefined) this.#release(release, how);
  }

  /** Whoever releases does not wait for it: what a limiter of the user's throws then is told at the end. */
  #release(release: (how?: unknown) => void, how: unknown): void {
    try {
      release(how);
    } catch (error) {
      this.#failure ??= { error };
    }
  }

  /** Sends, unless nobody listens any more. */
  #send(message: ToWorker): void {
    this.#line?.send(message);
  }

  /**
   * Something that the worker has said could not be read. Was it a question, then this is its answer; whatever it was, the call has failed.
   */
  missed(error: Unclonable): void {
    if (this.#over) return;
    for (const lent of this.#lent.values()) lent.missed?.();
    this.#fail(this.#last + 1, error);
  }

  /** @throws Error for what no worker of ours says */
  #receive(message: unknown): void {
    if (this.#over) return;
    if (!Array.isArray(message)) throw forged('a message on a line that is no list');
    const method: unknown = message[0] === ASK ? message[3] : message[2];
    if ((message[0] === ASK || message[0] === TELL) && typeof method !== 'string') {
      throw forged('a message on a line without the name of a method');
    }
    const said = message as unknown as FromWorker;
    switch (said[0]) {
      case ASK:
        this.#ask(said[1], said[2], said[3], said[4]);
        break;
      case TELL:
        this.#tell(said[1], said[2], said[3]);
        break;
      case CANCEL:
        this.#cancel(said[1]);
        break;
      case ARRIVED:
        this.#entrusted.delete(said[1]);
        break;
      default:
        throw forged('a message of an unknown kind on a line');
    }
  }

  /** Nobody waits for what this comes to: what it throws is told at the end. */
  #tell(object: number, method: string, args: readonly unknown[]): void {
    try {
      const lent = this.#lent.get(object);
      if (method === 'release') this.release(args[0] as number, args[1]);
      else if (method === 'handle') this.#handle(args[0] as number, lent as Lent);
      else lent?.tell(method, args);
    } catch (error) {
      this.#failure ??= { error };
    }
  }

  #handle(handle: number, lent: Lent): void {
    // Whatever else it may be must not be made a number: a list can be so long that this takes for ever.
    if (!Number.isInteger(handle) || handle >= 0 || this.#lent.has(handle)) {
      throw forged('a handle that is there, or none');
    }
    this.#lent.set(handle, handleOf(lent));
  }

  #ask(number: number, object: number, method: string, args: readonly unknown[]): void {
    if (!(Number.isInteger(number) && number > this.#last)) throw forged('a question out of order');
    this.#last = number;
    try {
      requireArguments(args, method);
      const lent = this.#lent.get(object) as Lent;
      const question = new Question(this, number, lent, method, this.#token);
      this.#questions.set(number, question);
      this.#run(question, args);
    } catch (error) {
      this.#fail(number, error);
    }
  }

  #run(question: Question, args: readonly unknown[]): void {
    let result: unknown;
    let late: Promise<unknown> | undefined;
    try {
      result = question.token.run(() =>
        question.operation.run(question.lent.object as never, args, question),
      );
      // A getter of the user's may throw: `then`, or `constructor` of a promise.
      if (isThenable(result)) late = Promise.resolve(result);
    } catch (error) {
      this.#done(question);
      this.#fail(question.question, error);
      return;
    }
    if (late === undefined) this.#answer(question, result);
    else {
      late.then(
        (value) => this.#answer(question, value),
        (error: unknown) => this.#refuse(question, error),
      );
    }
  }

  #done(question: Question): void {
    this.#questions.delete(question.question);
    if (question.hasCalled) this.#calling--;
    question.token.close();
  }

  #answer(question: Question, value: unknown): void {
    this.#done(question);
    const { operation, question: number } = question;
    if (question.cancelled && operation.drop !== undefined) {
      operation.drop(value, question);
      this.#send([WITHDRAWN, number]);
      return;
    }
    if (this.#over) {
      operation.takeBack?.(question.lent.object as never, value);
      operation.drop?.(value, question);
      return;
    }
    try {
      const { values, holes } = pack([value], 'item', () => this, this.#name);
      const entrusted = operation.takeBack !== undefined;
      this.#send([entrusted ? ENTRUSTED : GIVEN, number, values, holes]);
      if (entrusted) this.#entrusted.set(number, { question, value });
    } catch (error) {
      operation.takeBack?.(question.lent.object as never, value);
      this.#fail(number, error instanceof Unclonable ? error : this.#unclonable(value, error));
    }
  }

  #unclonable(item: unknown, cause: unknown): Unclonable {
    const culprit = findUnclonable(item, 'item', cloneBehind(cause));
    return new Unclonable(`an item of ${titleOf(this.#name)} to a worker`, culprit, { cause });
  }

  #refuse(question: Question, error: unknown): void {
    this.#done(question);
    if (question.cancelled) this.#send([WITHDRAWN, question.question]);
    else this.#fail(question.question, error);
  }

  #fail(number: number, error: unknown): void {
    this.#send([FAILED, number, encodeThrown(error)]);
  }

  #cancel(number: number): void {
    const question = this.#questions.get(number);
    if (question !== undefined) {
      question.cancelled = true;
      question.token.cancel('the worker no longer waits for it');
      return;
    }
    // It was answered before: what can be given back at once is.
    this.release(number);
  }
}
