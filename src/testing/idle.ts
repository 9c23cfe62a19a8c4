/**
 * Order without time: wait until everybody else is blocked, or take turns by number.
 *
 * @module
 */
import { requireInteger } from '../core/arguments.ts';
import { anyForeign, kernel } from '../core/kernel.ts';
import { Wait } from '../core/wait.ts';
import { nextTurn } from '../runtime/runtime.ts';

/**
 * Waits until every other task is blocked in a library wait, without letting virtual time move (Trio's
 * `wait_all_tasks_blocked`). With it a test says "and now it hangs here" without a sleep.
 *
 * @example
 * ```ts
 * import { scope, sleepForever } from 'skein';
 * import { idle } from 'skein/testing';
 * import assert from 'node:assert/strict';
 *
 * await scope(async (s) => {
 *   let reached = false;
 *   s.spawn(async () => {
 *     reached = true;
 *     await sleepForever();
 *   });
 *   await idle();
 *   assert.equal(reached, true);
 *   s.cancel();
 * });
 * ```
 */
export async function idle(): Promise<void> {
  const wait = new Wait<void>('idle');
  // The virtual clock stands still while a turn is outstanding.
  kernel.turns++;
  let quiet = 0;
  let seen = kernel.activity;
  const look = (): void => {
    quiet = kernel.activity === seen && kernel.turns === looking && !anyForeign() ? quiet + 1 : 0;
    seen = kernel.activity;
    if (quiet < 2 && !wait.settled) {
      nextTurn(look);
      return;
    }
    kernel.turns--;
    looking--;
    wait.ok();
  };
  looking++;
  nextTurn(look);
  return wait.promise;
}

/** Calls of `idle` that are looking; they do not count as turns for each other. */
let looking = 0;

/** How many of `kernel.turns` are those of `idle`, which wait for nobody: they end when nothing else moves. */
export function turnsOfIdle(): number {
  return looking;
}

/**
 * Makes tasks take turns: `await sequencer.at(0)`, then `at(1)` … A turn is given when everybody is blocked after the one before.
 *
 * @example
 * ```ts
 * import { gather } from 'skein';
 * import { Sequencer } from 'skein/testing';
 * import assert from 'node:assert/strict';
 *
 * const sequencer = new Sequencer();
 * const log: string[] = [];
 * const step = (n: number, text: string) => async () => {
 *   await sequencer.at(n);
 *   log.push(text);
 * };
 * await gather([step(1, 'second'), step(0, 'first')]);
 * assert.deepEqual(log, ['first', 'second']);
 * ```
 */
export class Sequencer {
  readonly #waiting = new Map<number, Wait<void>>();
  readonly #used = new Set<number>();
  #next = 0;
  #serving = false;

  /**
   * Waits for turn `n`.
   * @throws RangeError when `n` is not an integer >= 0, or was asked for before
   */
  async at(n: number): Promise<void> {
    requireInteger(n, 'n', 0);
    if (this.#used.has(n))
      throw new RangeError(`Cannot wait for turn ${n}: it was asked for before`);
    this.#used.add(n);
    const wait = new Wait<void>(`turn ${n}`);
    this.#waiting.set(n, wait);
    this.#serve();
    return wait.promise;
  }

  #serve(): void {
    const wait = this.#waiting.get(this.#next);
    if (this.#serving || wait === undefined) return;
    this.#serving = true;
    idle().then(
      () => {
        this.#serving = false;
        this.#waiting.delete(this.#next++);
        wait.ok();
        this.#serve();
      },
      () => {
        this.#serving = false;
      },
    );
  }
}
