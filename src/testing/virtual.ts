/**
 * Virtual time for a whole program: tests that wait for hours take milliseconds and never flicker.
 *
 * Time jumps to the next timer only when every task is durably blocked (see outside.ts): while a socket or a file is on its way,
 * the clock stands still.
 *
 * @module
 */

import { requireFunction } from '../core/arguments.ts';
import type { MaybePromise } from '../core/context.ts';
import { type Duration, toMilliseconds } from '../core/duration.ts';
import { Deadlock } from '../core/errors.ts';
import { kernel } from '../core/kernel.ts';
import { type NamesOf, requireOptions } from '../core/known-options.ts';
import { OpenScope } from '../core/open-scope.ts';
import { detached } from '../core/scopes.ts';
import { show } from '../core/shown.ts';
import { rootToken } from '../core/token.ts';
import { taskTree } from '../core/tree.ts';
import { Wait } from '../core/wait.ts';
import { replaceGlobals } from './globals.ts';
import { HookClaim } from './hooks.ts';
import { Outside } from './outside.ts';
import { TimerHeap } from './virtual-clock.ts';

/** The clock that a body run by `virtual` gets. */
export interface VirtualClock {
  /** Milliseconds since the start. */
  now(): number;
  /** Moves time on, stopping at every timer on the way until all is blocked again. */
  advance(duration: Duration): Promise<void>;
  /** How many timers are pending. */
  readonly timers: number;
}

/** How virtual time runs. */
export interface VirtualOptions {
  /** Jump to the next timer when all is blocked. Default true; false: only `advance` moves time. */
  readonly autojump?: boolean;
  /** Also replace `setTimeout`, `setInterval`, `Date.now` and `performance.now`. Default false. */
  readonly globals?: boolean;
}

const NAMES: NamesOf<VirtualOptions> = { autojump: true, globals: true };

/**
 * Runs `body` in virtual time. Everything in the library that waits for time waits on the virtual clock; what comes from outside
 * (`until`, I/O) takes the time it takes, and the clock stands still meanwhile.
 *
 * @throws Deadlock when every task waits and no timer is pending, with the task tree
 * @throws Error when it is called inside another `virtual`, or in an `explore`
 *
 * @example
 * ```ts
 * import { sleep } from 'skein';
 * import { virtual } from 'skein/testing';
 * import assert from 'node:assert/strict';
 *
 * await virtual(async (clock) => {
 *   await sleep('24h');
 *   assert.equal(clock.now(), 86_400_000);
 * });
 * ```
 */
export async function virtual<T>(
  body: (clock: VirtualClock) => MaybePromise<T>,
  options: VirtualOptions = {},
): Promise<T> {
  requireFunction(body, 'body');
  requireOptions(options, NAMES, 'virtual');
  const hooks = new HookClaim('virtual time');
  const restore = options.globals === true ? replaceGlobals() : undefined;
  const driver = new Driver(options.autojump !== false);
  hooks.set(driver);
  try {
    return await driver.drive(() => body(driver));
  } finally {
    restore?.();
    hooks.release();
  }
}

interface Advance {
  readonly target: number;
  readonly wait: Wait<void>;
}

class Driver implements VirtualClock {
  readonly clock = new TimerHeap();
  readonly #autojump: boolean;
  readonly #advances: Advance[] = [];
  readonly #outside = new Outside();
  #scope: OpenScope | undefined;

  constructor(autojump: boolean) {
    this.#autojump = autojump;
  }

  now(): number {
    return this.clock.now();
  }

  get timers(): number {
    return this.clock.timers;
  }

  async advance(duration: Duration): Promise<void> {
    const wait = new Wait<void>('advance');
    const target = this.now() + toMilliseconds(duration, 'duration');
    if (!wait.settled) this.#advances.push({ target, wait });
    return wait.promise;
  }

  async drive<T>(body: () => MaybePromise<T>): Promise<T> {
    let ended = false;
    let deadlock: Deadlock | undefined;
    const result = detached(() =>
      OpenScope.run({ name: 'virtual' }, (scope) => {
        this.#scope = scope;
        return scope.launch(body, 'main', true);
      }),
    );
    const end = (): void => {
      ended = true;
    };
    result.then(end, end);
    while (!ended) {
      if (!(await this.#outside.blocked(() => ended))) continue;
      if (this.#move()) continue;
      if (deadlock !== undefined) break;
      deadlock = new Deadlock(taskTree(rootToken));
      this.#scope?.cancel(deadlock);
    }
    if (deadlock !== undefined) {
      result.catch(() => undefined);
      throw deadlock;
    }
    return result;
  }

  /** Moves time to the next point at which something happens; false when there is none. */
  #move(): boolean {
    const { clock } = this;
    this.#advances.sort((a, b) => a.target - b.target);
    const next = clock.next ?? Number.POSITIVE_INFINITY;
    const first = this.#advances[0];
    if (first !== undefined && (first.wait.settled || first.target < next)) {
      this.#advances.shift();
      if (!first.wait.settled) clock.moveTo(first.target);
      first.wait.ok();
      return true;
    }
    if (next === Number.POSITIVE_INFINITY || (first === undefined && !this.#autojump)) return false;
    clock.moveTo(next);
    kernel.activity++;
    return true;
  }

  static {
    show(Driver.prototype, (clock) => ({
      what: 'virtual clock',
      state: `at ${clock.now()} ms`,
      timers: clock.timers,
    }));
  }
}
