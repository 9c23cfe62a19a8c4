/**
 * What copies have thrown, in the order of the copies, and whether somebody has asked for it.
 *
 * @module
 */
import type { OpenScope } from '../core/open-scope.ts';
import { UnhandledErrors } from './unhandled-errors.ts';
import { keepForReader } from './unread-errors.ts';

/** The errors of one waiter. */
export class CopyErrors {
  readonly all: unknown[] = [];
  /** The first in time. */
  first: { readonly error: unknown } | undefined;
  readonly #of: string;
  /** Which copy each of them is of. */
  readonly #copies: number[] = [];
  #unified: UnhandledErrors | undefined;
  /** How many somebody has asked for. */
  #told = 0;
  #asked: (() => void) | undefined;

  /** @param of what the message says that failed */
  constructor(of: string) {
    this.#of = of;
  }

  add(copy: number, error: unknown): void {
    let place = this.#copies.length;
    while (place > 0 && (this.#copies[place - 1] as number) > copy) place--;
    this.#copies.splice(place, 0, copy);
    this.all.splice(place, 0, error);
    this.#unified = undefined;
    this.first ??= { error };
  }

  /** All in one: the same one until there are more. */
  get unified(): UnhandledErrors {
    this.#unified ??= new UnhandledErrors([...this.all], this.#of);
    return this.#unified;
  }

  /** All in one, if there are some that nobody has asked for. */
  get unread(): UnhandledErrors | undefined {
    return this.all.length > this.#told ? this.unified : undefined;
  }

  /** Somebody has asked. */
  tell(): void {
    this.#told = this.all.length;
    this.#asked?.();
  }

  /** There will be no more: they become a warning when nobody asks as long as somebody can. */
  keepFor(handle: object, scope: OpenScope): void {
    this.#asked = keepForReader(scope, handle, () => this.unread);
  }
}
