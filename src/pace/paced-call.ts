/**
 * A call that waits for its turn.
 *
 * @module
 */
import { CallContext, type MaybePromise, type Thunk } from '../core/context.ts';
import { captureContext, type Token } from '../core/token.ts';
import { Wait } from '../core/wait.ts';
import type { CapturedContext } from '../runtime/context.ts';

/**
 * A wait that ends with the start of a function, in the context of whoever submitted it. Its promise is that of the result: one a call,
 * however many wait.
 */
export class PacedCall<R> extends Wait<R, number> {
  #fn: Thunk<R>;
  readonly #context: CapturedContext;

  /** @param cost what it takes from the pace */
  constructor(label: string, token: Token, cost: number, fn: Thunk<R>) {
    super(label, token, cost, true);
    this.#fn = fn;
    this.#context = captureContext();
  }

  /** Calls `after` as soon as it does not wait any more, whether it is started or leaves. */
  onEnd(after: () => void): void {
    const [fn, undo] = [this.#fn, this.undo];
    this.#fn = (context) => {
      after();
      return fn(context);
    };
    this.undo = () => {
      after();
      undo?.();
    };
  }

  /** Calls the function. */
  call(): MaybePromise<R> {
    const context = new CallContext(this.token.open(), 0, 1);
    return this.#context.runInAsyncScope(this.#fn, undefined, context);
  }
}
