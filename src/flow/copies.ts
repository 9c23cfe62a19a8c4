/**
 * Copies of one body at work: tasks of the scope in which they were made, each of which calls the body in place or hands it to an
 * engine. Their failures are told here only.
 *
 * @module
 */

import { watchAbort } from '../core/abort-watch.ts';
import { isA } from '../core/arguments.ts';
import { bounded, refuseLate } from '../core/bounds.ts';
import type { Context } from '../core/context.ts';
import type { ChosenEngine } from '../core/default-engine.ts';
import { Cancelled, type StuckTask, StuckTasks } from '../core/errors.ts';
import { someoneBelowWaits, waitsOf } from '../core/grace.ts';
import { now, touch } from '../core/kernel.ts';
import type { OpenScope } from '../core/open-scope.ts';
import type { Facts } from '../core/shown.ts';
import type { RunningTask } from '../core/task.ts';
import { captureContext, currentToken, type Token } from '../core/token.ts';
import { isAbortOf } from '../core/verdict.ts';
import { Join, Wait } from '../core/wait.ts';
import { WaitQueue } from '../core/wait-queue.ts';
import type { CallSite } from '../runtime/call-site.ts';
import type { CapturedContext } from '../runtime/context.ts';
import type { ItemsHub } from '../sync/items-hub.ts';
import { CopiesGrace } from './copies-grace.ts';
import { InPlaceContext, NO_ITEMS } from './copy-context.ts';
import { CopyErrors } from './copy-errors.ts';
import { refuseGenerator } from './generator-body.ts';
import { ENGINE_MARGIN } from './options.ts';
import type { WaiterOptions } from './waiter.ts';

/** An item that a copy had taken and did not finish. */
export interface UnfinishedItem<T = unknown> {
  /** Which copy had it, from 0; undefined when it was on its way to one. */
  readonly copy: number | undefined;
  readonly item: T;
  /** What that copy ended with: its error, or the `Cancelled` that stopped it. */
  readonly error: unknown;
}

/** What all copies have in common. */
export interface CopiesPlan<X> {
  readonly count: number;
  readonly name: string;
  readonly body: (context: Context & { readonly items: AsyncIterableIterator<X> }) => unknown;
  readonly chosen: ChosenEngine | undefined;
  readonly items: ItemsHub<X> | undefined;
  readonly signal: AbortSignal | undefined;
  /** Milliseconds; undefined where the user has not said: an engine has a default of its own. */
  readonly grace: number | undefined;
  /** Where the copies were asked for, if they run elsewhere. */
  readonly site: CallSite | undefined;
}

/** The copies of one waiter. */
export class Copies<X> {
  readonly unfinished: UnfinishedItem<X>[] = [];
  /** What users hold. */
  handle: object = this;
  readonly #plan: CopiesPlan<X>;
  readonly #scope: OpenScope;
  readonly #home: CapturedContext;
  readonly #isInPlace: boolean;
  readonly #ownsThings: boolean;
  /** Those that have not ended, by their tokens, and which copy each is. */
  readonly #alive = new Map<Token, number>();
  readonly #tasks: RunningTask<unknown>[] = [];
  readonly #errors: CopyErrors;
  readonly #grace: CopiesGrace;
  readonly #waiting = new WaitQueue<void>();
  #state: 'running' | 'closing' | 'ended' = 'running';
  /** We have cancelled them ourselves. */
  #stopped = false;
  /** Somebody else has. */
  #cutShort: { readonly error: unknown } | undefined;
  /** Those that were left behind. */
  #stuck: StuckTasks | undefined;
  #unlink: (() => void) | undefined;
  /** How many calls wait with `failHard`. */
  #hard = 0;

  constructor(plan: CopiesPlan<X>) {
    const { count, name, chosen, items, signal, grace } = plan;
    this.#plan = plan;
    this.#errors = new CopyErrors(`${count === 1 ? 'the copy' : `${count} copies`} of ${name}`);
    this.#scope = currentToken().scope as OpenScope;
    this.#home = captureContext();
    this.#isInPlace = chosen === undefined || chosen.engine.inPlace === true;
    // Where an engine has the bodies, it ends or reports those that are late.
    this.#grace = this.#isInPlace
      ? new CopiesGrace(
          grace,
          0,
          (late) => this.#abandon(late),
          () => [...this.#alive.keys()].some(someoneBelowWaits),
        )
      : new CopiesGrace(
          grace,
          ENGINE_MARGIN,
          () => undefined,
          () => false,
        );
    this.#ownsThings = items !== undefined || chosen?.made === true;
    for (let copy = 0; copy < count; copy++) this.#start(copy);
    if (this.#ownsThings) this.#scope.lodge();
    if (count === 0) this.#close();
    else if (signal !== undefined) this.#link(signal);
    this.#endCancelled();
  }

  /** Those that were made in a cancelled scope hear of no cancellation, and behind its `limit` they may stand for ever. */
  #endCancelled(): void {
    for (const { token } of this.#tasks) {
      if (token.effective !== undefined) token.onCancel?.(token.effective);
    }
  }

  get name(): string {
    return this.#plan.name;
  }

  #start(copy: number): void {
    const { name, body, items, chosen } = this.#plan;
    const seat = items?.join();
    const given = { items: seat ?? NO_ITEMS };
    const run = (): unknown => {
      // A task runs to its first wait in any case; a copy that was stopped before does not begin.
      if (task.token.effective !== undefined) throw task.token.effective;
      if (!this.#isInPlace) return this.#submit(chosen as ChosenEngine, copy, given);
      return refuseGenerator(body(new InPlaceContext(task.token, copy, given.items)), name);
    };
    const task = this.#scope.launch(run, { name: `${name}[${copy}]`, daemon: true }, true);
    task.token.onCancel = () => {
      this.#grace.begin();
      // It is handed nothing that it would have to give back, so one that has not begun need not.
      task.drop();
    };
    task.token.watch = this.#grace;
    this.#alive.set(task.token, copy);
    this.#tasks.push(task);
    task.onEnd(() => {
      const failed = task.status === 'done' ? undefined : { error: task.exception() };
      seat?.leave(failed !== undefined);
      for (const item of seat?.unfinished ?? []) {
        this.unfinished.push({ copy, item, error: failed?.error });
      }
      this.#ended(copy, task, failed);
    });
  }

  #submit({ engine }: ChosenEngine, index: number, extras: Record<string, unknown>): unknown {
    const { name, body, site } = this.#plan;
    const allowed = this.#grace;
    return engine.submit(body as never, [], {
      signal: currentToken().signal,
      get grace() {
        return allowed.given;
      },
      name,
      index,
      attempt: 1,
      exclusive: true,
      extras,
      site,
    });
  }

  #link(signal: AbortSignal): void {
    const abort = (): void => this.#cancel(signal.reason);
    if (signal.aborted) {
      abort();
      return;
    }
    this.#unlink = watchAbort(signal, abort);
  }

  #ended(copy: number, task: RunningTask<unknown>, failed: { error: unknown } | undefined): void {
    this.#alive.delete(task.token);
    touch(this);
    if (task.status === 'failed') this.#record(copy, failed?.error);
    else if (failed !== undefined && !this.#stopped) this.#cutShort ??= failed;
    if (this.#alive.size === 0) this.#close();
  }

  #record(copy: number, error: unknown): void {
    this.#errors.add(copy, error);
    if (this.#hard > 0) this.#stopRest(this.#errors.first?.error);
  }

  #stopRest(reason: unknown): void {
    this.#stopped = true;
    this.#cancel(reason);
  }

  #cancel(reason: unknown): void {
    for (const task of this.#tasks) task.cancel(reason);
  }

  /** Leaves those behind that have not ended in time. */
  #abandon(grace: number): void {
    const left = this.#tasks.filter(({ token }) => this.#alive.has(token));
    const stuck = left.map(({ token }) => {
      return { name: token.name, age: now() - token.started, waitingFor: waitsOf(token) };
    });
    this.#stuck = new StuckTasks(stuck, grace);
    for (const [i, task] of left.entries()) {
      task.abandon(new StuckTasks([stuck[i] as StuckTask], grace));
    }
  }

  /** All copies have ended: closes the source, and the engine that was made for them. */
  #close(): void {
    if (this.#state !== 'running') return;
    this.#state = 'closing';
    this.#grace.end();
    this.#unlink?.();
    if (this.#ownsThings) void this.#home.runInAsyncScope(() => this.#release());
    else this.#end();
  }

  async #release(): Promise<void> {
    const { items, chosen, count } = this.#plan;
    const attempt = async (release: () => PromiseLike<void> | undefined): Promise<void> => {
      try {
        await release();
      } catch (error) {
        if (error instanceof StuckTasks) this.#stuck ??= error;
        this.#record(count, error);
      }
    };
    await attempt(() => items?.close(this.#grace.given));
    for (const item of items?.left ?? []) {
      this.unfinished.push({ copy: undefined, item, error: undefined });
    }
    if (chosen?.made === true) await attempt(() => chosen.engine[Symbol.asyncDispose]());
    this.#end();
    this.#scope.leave();
  }

  #end(): void {
    this.#state = 'ended';
    touch(this);
    if (this.#waiting.length === 0) this.#errors.keepFor(this.handle, this.#scope);
    this.#waiting.giveAll();
  }

  /** What there is to say of the handle. Nobody has asked for the errors by that. */
  get facts(): Facts {
    const { count, name } = this.#plan;
    return {
      what: `waiter of ${name}`,
      state: this.#state,
      running: this.#alive.size,
      of: count,
      failed: this.#errors.all.length || undefined,
    };
  }

  /** The exceptions so far, to somebody who asks. */
  read(): readonly unknown[] {
    touch(this);
    this.#errors.tell();
    return this.#errors.all;
  }

  async join(options: WaiterOptions): Promise<void> {
    const { suppressErrors = false, failHard = false } = options;
    if (this.#isInside()) {
      throw new TypeError(
        `Cannot wait for the copies of ${this.name} from inside one of them: it would wait for itself`,
      );
    }
    if (failHard) this.#hard++;
    const errors = this.#errors;
    if (failHard && errors.first !== undefined) this.#stopRest(errors.first.error);
    try {
      await this.#untilEnd(options);
    } finally {
      if (failHard) this.#hard--;
    }
    errors.tell();
    if (failHard && errors.first !== undefined) throw errors.first.error;
    if (!suppressErrors && errors.all.length > 0) throw errors.unified;
    if (this.#cutShort !== undefined) throw this.#causeOf(this.#cutShort.error);
  }

  /** The option is the caller's: it gets its own reason back. */
  #causeOf(error: unknown): unknown {
    const { signal } = this.#plan;
    return isA(error, Cancelled) && isAbortOf(signal, error) ? signal?.reason : error;
  }

  #untilEnd(options: WaiterOptions): Promise<void> {
    touch(this);
    const wait = new Wait<void>(`copies of ${this.name}`);
    const { signal, timeout } = options;
    const bounds = signal === undefined && timeout === undefined ? undefined : { signal, timeout };
    refuseLate(wait, bounds);
    if (wait.settled) return wait.promise;
    if (this.#state === 'ended') wait.ok();
    else this.#waiting.push(wait);
    return bounded(wait, bounds);
  }

  async stop(grace: number | undefined): Promise<void> {
    touch(this);
    const inside = this.#isInside();
    if (!this.#isOver) {
      if (grace !== undefined) this.#hurry(grace);
      this.#stopRest('the copies were stopped');
      // Those that had not begun have ended by now.
      if (!this.#isOver) await this.#untilOver(inside);
    }
    if (this.#stuck !== undefined) throw this.#stuck;
  }

  get #isOver(): boolean {
    return this.#state === 'ended';
  }

  /** Whoever is stopped here must not wait for its own end; everybody else waits also when cancelled, for what ends soon. */
  #untilOver(inside: boolean): Promise<void> {
    const label = `end of ${this.name}`;
    const end = inside ? new Wait<void>(label) : new Join<void>(label);
    if (!end.settled) this.#waiting.push(end);
    return end.promise;
  }

  #hurry(grace: number): void {
    this.#grace.change(grace);
    // Whoever has closed it hears of it.
    if (this.#state === 'closing') this.#plan.items?.close(grace).catch(() => undefined);
  }

  async dispose(): Promise<void> {
    await this.stop(undefined);
    const { unread } = this.#errors;
    this.#errors.tell();
    if (unread !== undefined) throw unread;
  }

  /** Whether the code at work is one of the copies, or something that one of them has started. */
  #isInside(): boolean {
    for (let token: Token | undefined = currentToken(); token !== undefined; token = token.parent) {
      if (this.#alive.has(token)) return true;
    }
    return false;
  }
}
