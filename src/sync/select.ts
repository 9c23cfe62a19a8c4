/**
 * Waiting for the first of several things, atomically: what is not chosen has not happened.
 *
 * @module
 */
import { describe } from '../core/arguments.ts';
import { BOUND_NAMES, bounded, refuseLate, type WaitBounds } from '../core/bounds.ts';
import { type Duration, toMilliseconds } from '../core/duration.ts';
import { kernel } from '../core/kernel.ts';
import type { NamesOf } from '../core/known-options.ts';
import type { Op } from '../core/limiter.ts';
import type { Token } from '../core/token.ts';
import { Wait } from '../core/wait.ts';
import { Entry } from './entry.ts';
import { NOTHING, Operation, requireOperation } from './operation.ts';

/** Named operations. */
export type Operations = Readonly<Record<string, Op<unknown>>>;

/** Which operation was done, and what it gave. */
export type Selected<M extends Operations> = {
  [K in keyof M]: { readonly key: K; readonly value: M[K] extends Op<infer T> ? T : never };
}[keyof M];

/** How a select waits and chooses. */
export interface SelectOptions extends WaitBounds {
  /** Of several that are ready, take the one named first. Default false: one is drawn. */
  readonly priority?: boolean | undefined;
}

const SELECT_NAMES: NamesOf<SelectOptions> = { ...BOUND_NAMES, priority: true };

/**
 * Does exactly one of several operations: the first that can be done. All others have no effect: no item is taken, no permit
 * held, no place in a line kept. (`Promise.race` over two queues loses an item.) While it waits it stands in every line, first
 * come, first served; of several that are ready at once one is drawn, so none starves.
 *
 * @param operations what may be done, by name
 * @throws Cancelled when the ambient scope is cancelled first; nothing has been done then
 * @throws the reason of `signal`, as it is, when that aborts first; nothing has been done then
 * @throws TimedOut when nothing could be done within `timeout`; a `timer` among the operations is a case of its own instead
 * @throws what the chosen operation throws, as a closed channel does
 * @throws TypeError for what is not an operation of this library
 * @throws RangeError when there are none: it would wait for ever
 *
 * @example
 * ```ts
 * import { Queue, select, timer } from 'skein';
 * import assert from 'node:assert/strict';
 *
 * const jobs = new Queue<string>();
 * const urgent = new Queue<string>();
 * urgent.tryPut('now');
 * const first = await select({ job: jobs.got, urgent: urgent.got, late: timer('5s') });
 * assert.deepEqual(first, { key: 'urgent', value: 'now' });
 * ```
 */
export async function select<const M extends Operations>(
  operations: M,
  options?: SelectOptions,
): Promise<Selected<M>> {
  if (typeof operations !== 'object' || operations === null) {
    throw new TypeError(
      `Expected operations to be an object such as { job: queue.got }: got ${describe(operations)}`,
    );
  }
  const keys = Object.keys(operations);
  if (keys.length === 0) throw new RangeError('Expected operations to name at least one: got none');
  const named = keys.map((key) => requireOperation(operations[key], `operations.${key}`));
  const wait = new Selection(keys, named);
  refuseLate(wait, options, SELECT_NAMES);
  if (!wait.settled) wait.begin(options?.priority === true);
  return (await bounded(wait, options)) as Selected<M>;
}

interface Chosen {
  readonly key: string;
  readonly value: unknown;
}

/** The wait of a select. */
class Selection extends Wait<Chosen> {
  readonly #keys: readonly string[];
  readonly #operations: readonly Operation<unknown>[];
  readonly #entries: Entry<unknown>[] = [];

  constructor(keys: readonly string[], operations: readonly Operation<unknown>[]) {
    super(`select of ${keys.join(', ')}`);
    this.#keys = keys;
    this.#operations = operations;
    this.undo = () => this.#leave();
  }

  /** Does what can be done, or stands in all lines. */
  begin(priority: boolean): void {
    const ready: number[] = [];
    this.#operations.forEach((operation, index) => {
      if (operation.ready) ready.push(index);
    });
    if (ready.length > 0) this.#do(ready[priority ? 0 : this.#turn(ready.length)] as number);
    else this.#stand();
  }

  #turn(count: number): number {
    if (count === 1) return 0;
    return kernel.scheduler?.choose(count) ?? nextOf(this.token.unit, count);
  }

  #do(index: number): void {
    try {
      const value = this.#operations[index]?.poll();
      if (value === NOTHING) throw new TypeError(`Expected ${this.#keys[index]} to be ready`);
      this.#won(index, value);
    } catch (error) {
      this.fail(error);
    }
  }

  #stand(): void {
    for (const [index, operation] of this.#operations.entries()) {
      // Standing in one line may have served it already: a publisher waits for somebody who would take its item.
      if (this.settled) return;
      const entry = new Entry<unknown>(
        this.token,
        (value) => this.#won(index, value),
        (error) => this.#lost(error),
      );
      this.#entries.push(entry);
      operation.enter(entry);
    }
  }

  #won(index: number, value: unknown): void {
    this.#leave();
    this.ok({ key: this.#keys[index] as string, value });
  }

  #lost(error: unknown): void {
    this.#leave();
    this.fail(error);
  }

  /** Leaves all lines. Who is let through by that sees this select settled with the rest of its cases gone. */
  #leave(): void {
    const entries = this.#entries.splice(0);
    const left = entries.filter((entry) => !entry.served);
    for (const entry of left) entry.queue?.remove(entry);
    for (const entry of left) entry.undo?.();
  }
}

/** Turns that favour nobody, drawn anew for every select: a plain count can keep step with the loop that it is in. */
function nextOf(unit: Token, count: number): number {
  unit.selections = (Math.imul(unit.selections, 1_664_525) + 1_013_904_223) | 0;
  return (unit.selections >>> 16) % count;
}

/**
 * A time-out as a case of `select`: done when so much time has passed since the select began.
 *
 * @throws TypeError or RangeError for what is not a duration
 *
 * @example
 * ```ts
 * import { AsyncEvent, select, timer } from 'skein';
 * import assert from 'node:assert/strict';
 *
 * const event = new AsyncEvent();
 * assert.equal((await select({ fired: event.fired, late: timer(1) })).key, 'late');
 * ```
 */
export function timer(duration: Duration): Op<void> {
  const ms = toMilliseconds(duration, 'duration');
  return new Operation<void>(
    () => ms === 0,
    () => (ms === 0 ? undefined : NOTHING),
    (entry) => {
      const armed = kernel.clock.at(kernel.clock.now() + ms, () => entry.give());
      entry.undo = () => armed.stop();
    },
  );
}
