/**
 * One function that runs here while its turn is held elsewhere.
 *
 * @module
 */
import { CallContext, type Thunk } from '../../core/context.ts';
import { Cancelled } from '../../core/errors.ts';
import { captureContext, currentToken, Token } from '../../core/token.ts';
import { Wait } from '../../core/wait.ts';
import { encodeThrown } from '../../shipping/error-codec.ts';
import type { Answered } from './borrower.ts';
import type { RunVerdict } from './lent-runner.ts';
import { RemoteWait } from './remote-wait.ts';
import { thrownElsewhere } from './thrown.ts';

const LABEL = 'turn at a limiter';

/** Observes cancellation while it waits for a turn, and not while the function is at work, which does so itself. */
class TurnWait extends RemoteWait<RunVerdict> {
  #atWork = false;
  #wanted = false;

  constructor(token: Token) {
    super(LABEL, token, 'at once');
  }

  override withdraw(error: unknown): boolean {
    if (!this.#atWork) return super.withdraw(error);
    this.#wanted = true;
    return false;
  }

  begin(): void {
    this.#atWork = true;
  }

  /** The function has ended. Where it was to be cancelled there is no further turn; whoever holds this one says how it ended. */
  rest(): void {
    this.#atWork = false;
    if (this.#wanted && this.token.effective !== undefined) this.stop?.();
  }

  /** Asks for the end, and goes on waiting for the verdict. */
  stop: (() => void) | undefined;
}

/** How a question was sent. */
interface Posed {
  readonly question: number;
  readonly takeBack: () => void;
  readonly stop: () => void;
}

/** A call of `run`. */
export class RemoteRun<R> {
  readonly #fn: Thunk<R>;
  /** Says that the function has ended, with an error or without. */
  readonly #ran: (result: readonly unknown[]) => void;
  readonly #context = captureContext();
  #wait: TurnWait | undefined;
  #turns = 0;
  #token: Token | undefined;
  #last: { readonly value: R } | { readonly error: unknown } | undefined;
  question = 0;

  constructor(fn: Thunk<R>, ran: (result: readonly unknown[]) => void) {
    this.#fn = fn;
    this.#ran = ran;
  }

  /** What is said for a turn that nobody wants any more. */
  static unwanted(): unknown {
    return encodeThrown(
      Cancelled.create('the turn is no longer wanted', 'a run in a worker', undefined),
    );
  }

  async start(pose: (answered: Answered) => Posed): Promise<R> {
    const token = currentToken();
    if (token.effective !== undefined) return await new Wait<R>(LABEL, token).promise;
    const wait = new TurnWait(token);
    this.#wait = wait;
    this.#pose(wait, pose);
    const { threw } = await wait.promise;
    const last = this.#last;
    if (last === undefined) {
      throw new TypeError('Expected run of the limiter to call the function that it was given');
    }
    if ('value' in last && !threw) return last.value;
    throw (last as { readonly error: unknown }).error;
  }

  #pose(wait: TurnWait, pose: (answered: Answered) => Posed): void {
    try {
      const { question, takeBack, stop } = pose({
        given: (verdict) => wait.ok(verdict as RunVerdict),
        failed: (error) => wait.fail(error),
        withdrew: () => {
          if (!wait.settled) wait.fail(wait.token.effective);
        },
      });
      this.question = question;
      wait.takeBack = takeBack;
      wait.stop = stop;
    } catch (error) {
      wait.fail(error);
    }
  }

  /** It is its turn: once, or again where the limiter repeats. */
  turn(): void {
    const wait = this.#wait as TurnWait;
    wait.begin();
    this.#turns++;
    this.#context.runInAsyncScope(() => {
      const token = new Token('run under a limiter', currentToken(), 'part');
      this.#token = token;
      const call = async (): Promise<R> => this.#fn(new CallContext(token, 0, this.#turns));
      token.run(call).then(
        (value) => this.#ended({ value }, []),
        (error: unknown) => this.#ended({ error }, [encodeThrown(error)]),
      );
    });
  }

  #ended(
    last: { readonly value: R } | { readonly error: unknown },
    result: readonly unknown[],
  ): void {
    this.#last = last;
    this.#token?.close();
    this.#ran(result);
    this.#wait?.rest();
  }

  /** The limiter wants the function to stop. */
  stop(reason: unknown): void {
    this.#token?.cancel(thrownElsewhere(reason));
  }
}
