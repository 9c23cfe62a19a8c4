/**
 * The bodies at work in an engine that can be closed: its disposal waits for them.
 *
 * @module
 */
import { currentToken, type Token } from '../../core/token.ts';
import { Join } from '../../core/wait.ts';
import { WaitQueue } from '../../core/wait-queue.ts';

/** Counts bodies. */
export class Crew {
  /** Those of the scopes of bodies. */
  readonly tokens: WeakSet<Token> = new WeakSet();
  readonly #waiting = new WaitQueue<void>();
  #count = 0;

  enter(): void {
    this.#count++;
  }

  readonly leave = (): void => {
    this.#count--;
    if (this.#count === 0) this.#waiting.giveAll();
  };

  /** @throws TypeError in a body that is at work: its end would wait for itself */
  refuseInside(): void {
    if (this.#count === 0) return;
    for (let token: Token | undefined = currentToken(); token !== undefined; token = token.parent) {
      if (!this.tokens.has(token)) continue;
      throw new TypeError(
        'Cannot dispose of an engine from inside one of its fibers: it would wait for itself',
      );
    }
  }

  /** Waits until nobody is at work. */
  async ended(): Promise<void> {
    if (this.#count === 0) return;
    const end = new Join<void>('end of the fibers of an engine');
    this.#waiting.push(end);
    await end.promise;
  }
}
