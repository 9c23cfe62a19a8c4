/**
 * The body of a block at work. It can be left behind; what comes of it then is told to nobody.
 *
 * @module
 */
import type { MaybePromise } from './context.ts';
import { LeftBehind } from './left-behind.ts';
import { inFrame, type Token } from './token.ts';
import type { BodyEnd } from './verdict.ts';

/** One body, in the frame of its scope. */
export class RunningBody<R> {
  /** How it ended; undefined when it was left behind. Never rejects. */
  readonly ended: Promise<BodyEnd<R>>;
  isOver = false;
  readonly #unit: Token;
  readonly #tell: (end: BodyEnd<R>) => void;
  #left: LeftBehind | undefined;

  constructor(token: Token, body: () => MaybePromise<R>) {
    const { promise, resolve } = Promise.withResolvers<BodyEnd<R>>();
    this.ended = promise;
    this.#tell = resolve;
    this.#unit = token.unit;
    this.#unit.unblock();
    inFrame(token, async () => body()).then(
      (value) => this.#end({ value }),
      (error: unknown) => this.#end({ error }),
    );
  }

  #end(end: BodyEnd<R>): void {
    this.#left?.ended();
    if (this.isOver) return;
    this.isOver = true;
    this.#unit.block();
    this.#tell(end);
  }

  /**
   * Leaves it behind, if it is at work.
   *
   * @param name what a leak check calls it; undefined where it is reported
   */
  leave(name: string | undefined): void {
    if (this.isOver) return;
    this.#end(undefined);
    if (name !== undefined) this.#left = new LeftBehind(name);
  }
}
