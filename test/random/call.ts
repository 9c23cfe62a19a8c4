/**
 * What is known of one piece of work while it runs and afterwards. The oracle sees the program through these records and nothing else.
 *
 * @module
 */
import { type Context, currentSignal, isCancelled } from 'skein';
import { currentToken } from '../../src/core/token.ts';
import { isLeft, judgeListed, leavesBehind } from './left.ts';
import type { Abort, Copies, Flow, Work } from './model.ts';
import type { Reading } from './reading.ts';
import { mayBeStuck } from './stuck.ts';
import type { Aborting, Watched, World } from './world.ts';

/** What a piece of work is to the one around it. */
export interface Part {
  readonly as: 'work' | 'body' | 'task' | 'cleanup' | 'end' | 'call' | 'source';
  /** The index of the item, task or clean-up. */
  readonly place?: number;
  readonly context?: Pick<Context, 'signal' | 'attempt'>;
}

/** How it ended. */
export type End = { readonly value: unknown } | { readonly error: unknown };

/** What a kind of work does, and how it must end. */
export interface Kind<W extends Work> {
  run(call: Call<W>): Promise<unknown>;
  /** Looks at a call in the moment of its end, when all that it has started should have ended. */
  judge(call: Call<W>): void;
}

/** All kinds of work. */
export type Kinds = { readonly [K in Work['kind']]: Kind<Extract<Work, { kind: K }>> };

/** One piece of work at work. */
export class Call<W extends Work = Work> {
  readonly world: World;
  readonly work: W;
  readonly part: Part;
  readonly parent: Call | undefined;
  /** What it has started. */
  readonly parts: Call[] = [];
  readonly startedAt: number;
  /** Where it was called. */
  readonly home: Watched;
  /** It was called in a scope that was cancelled before. */
  readonly beganCancelled: boolean;
  /** The signal that it was given as an option. */
  abort: Aborting | undefined;
  /** It belongs to what was left behind. */
  left = false;
  /** Sources that it reads. */
  readonly sources: Reading[] = [];
  settledAt: number | undefined;
  end: End | undefined;
  #signal: AbortSignal | undefined;

  constructor(world: World, work: W, part: Part, parent?: Call) {
    this.world = world;
    this.work = work;
    this.part = part;
    this.parent = parent;
    this.startedAt = world.now;
    this.home = world.watch(currentToken());
    this.beganCancelled = this.home.token.effective !== undefined;
    if (part.as !== 'source') parent?.parts.push(this as unknown as Call);
  }

  /** How often its work was tried, this time included. */
  get attempt(): number {
    const { as, context } = this.part;
    return context?.attempt ?? (as === 'work' ? (this.parent?.attempt ?? 1) : 1);
  }

  /** The signal that its work was given; of a part that is no function of its own, that of the whole. Asked for at its start, if at all. */
  get signal(): AbortSignal {
    this.#signal ??= this.part.context?.signal ?? currentSignal();
    return this.#signal;
  }

  /** Takes a signal as an option. */
  take(
    abort: Abort | undefined,
    given: () => AbortSignal = () => this.signal,
  ): AbortSignal | undefined {
    if (abort === undefined) return undefined;
    this.abort = this.world.abort(abort, given);
    return this.abort.signal;
  }

  get value(): unknown {
    return this.end !== undefined && 'value' in this.end ? this.end.value : undefined;
  }

  get error(): unknown {
    return this.end !== undefined && 'error' in this.end ? this.end.error : undefined;
  }

  get failed(): boolean {
    return this.end !== undefined && 'error' in this.end;
  }

  /** It was ended by its cancellation. */
  get interrupted(): boolean {
    const { cancelledAt = Infinity, token } = this.home;
    const wasCancelled = this.error === token.effective || cancelledAt < (this.settledAt ?? -1);
    return this.failed && isCancelled(this.error) && wasCancelled;
  }

  /** It failed with an abort of somebody else's in the instant of its own cancellation: nobody knows which of them ended it. */
  get perhapsInterrupted(): boolean {
    const isAbort = this.failed && isCancelled(this.error);
    return isAbort && !this.interrupted && this.home.cancelledAt === this.settledAt;
  }

  get name(): string {
    const { as, place } = this.part;
    const of = this.parent === undefined ? '' : `${this.parent.name} > `;
    const role = as === 'work' ? '' : `${as}${place === undefined ? '' : ` ${place}`}: `;
    const { kind } = this.work;
    return `${of}${role}${kind === 'flow' ? (this.work as Flow).call : kind}`;
  }

  /** What it has started as such. */
  partsAs(as: Part['as']): Call[] {
    return this.parts.filter(({ part }) => part.as === as);
  }

  /** Of what was left behind nobody is told anything. */
  blame(rule: string, what: string): void {
    if (this.left || isLeft(this as unknown as Call)) return;
    this.world.blame(rule, this.name, what);
  }

  /** Does a piece of work as a part of this one. */
  do(work: Work, part: Part = { as: 'work' }): Promise<unknown> {
    return new Call(this.world, work, part, this as unknown as Call).run();
  }

  /** Does its work, and looks at it when it has ended. */
  async run(): Promise<unknown> {
    const kind = this.world.kinds[this.work.kind] as unknown as Kind<W>;
    return this.record(
      () => kind.run(this),
      (call) => kind.judge(call as Call<W>),
    );
  }

  /** Does something else in place of its work. */
  async record(work: () => Promise<unknown>, judge: (call: Call<W>) => void): Promise<unknown> {
    try {
      const value = await work();
      this.#settle({ value }, judge);
      return value;
    } catch (error) {
      this.#settle({ error }, judge);
      throw error;
    }
  }

  #settle(end: End, judge: (call: Call<W>) => void): void {
    this.left ||= isLeft(this as unknown as Call);
    this.end = end;
    this.settledAt = this.world.now;
    this.world.look(this.home);
    for (const part of this.parts) this.world.look(part.home);
    const left = mayBeStuck(this.work) ? undefined : this.#open;
    if (left !== undefined) this.blame('outlived', `it has ended while ${left.name} is at work`);
    judge(this);
    judgeListed(this as unknown as Call);
  }

  /** Something below it that is at work. Copies belong to the scope, which their waiter need not wait for. */
  get #open(): Call | undefined {
    const { kind } = this.work;
    // A limiter tells its caller when the time is up, and waits for the function apart.
    if (this.part.as === 'call' || leavesBehind(this as unknown as Call)) return undefined;
    if (kind === 'copies') {
      const { end } = this.work as Copies;
      if (end === 'forget' || this.home.cancelledAt !== undefined) return undefined;
    }
    const isScope = kind === 'scope' || kind === 'timeout' || kind === 'moveOnAfter';
    return openBelow(this.parts, isScope);
  }
}

function openBelow(parts: readonly Call[], deep: boolean): Call | undefined {
  for (const part of parts) {
    const looksBelow = deep && !leavesBehind(part);
    const open =
      part.end === undefined ? part : looksBelow ? openBelow(part.parts, deep) : undefined;
    if (open !== undefined) return open;
  }
  return undefined;
}
