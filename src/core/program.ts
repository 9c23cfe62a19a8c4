/**
 * A running program. From the first signal on a time of grace bounds all that is left, and a process in which nothing can happen any
 * more ends with a report. The scope of the program cannot see to that itself: its own grace is for work that should stop, while
 * clean-ups, shielded work and scopes with a longer grace have the time they want. So there is one more timer, outside of it.
 *
 * @module
 */
import type { CallSite } from '../runtime/call-site.ts';
import { whenWritten } from '../runtime/output.ts';
import { hostProcess, nextTurn, startQuietTimer, stopHostTimer } from '../runtime/runtime.ts';
import type { MaybePromise } from './context.ts';
import { Deadlock, isCancelled, StuckTasks } from './errors.ts';
import { DEADLOCK_CODE, exitCodeIfUncaught, type StopSignal, signalCode } from './exit-codes.ts';
import { DEFAULT_GRACE, stuckIn } from './grace.ts';
import { kernel, now } from './kernel.ts';
import { endBelow, quietBelow } from './last-resort.ts';
import { OpenScope } from './open-scope.ts';
import type { Scope } from './scope.ts';
import { taskTree } from './tree.ts';

/** Milliseconds after the grace for what still can be ended, and for what was written: a loop that opens new shields has no end. */
const LAST_TURNS = 100;

/** How a program is to run. */
export interface ProgramPlan {
  readonly signals: readonly StopSignal[];
  /** Milliseconds. */
  readonly grace: number;
  readonly exitCodes: boolean;
  /** Where it was started. */
  readonly site: CallSite;
}

/** How the scope of a program ended; undefined while it has not. */
type End<T> = { readonly value: T } | { readonly error: unknown } | undefined;

/** One program. */
export class Program<T> {
  readonly #plan: ProgramPlan;
  readonly #host = hostProcess();
  readonly #ended = Promise.withResolvers<T>();
  #scope: OpenScope | undefined;
  #stoppedBy: string | undefined;
  /** When the grace is over, after a signal. */
  #until = Number.POSITIVE_INFINITY;
  #deadlock: Deadlock | undefined;
  #stuck: StuckTasks | undefined;
  #stopTimer: (() => void) | undefined;
  #isOver = false;
  /** Those that run: the process ends with the last of them. */
  static readonly #running = new Set<Program<unknown>>();

  constructor(plan: ProgramPlan) {
    this.#plan = plan;
  }

  run(main: (scope: Scope) => MaybePromise<T>): Promise<T> {
    Program.#running.add(this as Program<unknown>);
    for (const name of this.#plan.signals) this.#host?.on(name, this.#onSignal);
    this.#host?.on('beforeExit', this.#onIdle);
    OpenScope.run({ name: 'main', grace: this.#plan.grace }, (scope) => {
      this.#scope = scope;
      return main(scope);
    }).then(
      (value) => this.#end({ value }),
      (error: unknown) => this.#end({ error }),
    );
    return this.#ended.promise;
  }

  readonly #onSignal = (name: string): void => {
    if (this.#stoppedBy !== undefined) this.#host?.exit(signalCode(name));
    this.#stoppedBy = name;
    this.#scope?.cancel(name);
    // It keeps the process alive: a clean-up may wait for a promise, and that alone does not.
    this.#until = now() + this.#plan.grace;
    const timer = kernel.clock.at(this.#until, () => this.#leave(this.#plan.grace));
    this.#replaceTimer(() => timer.stop());
  };

  /** Nothing is left in the process that could call back. */
  readonly #onIdle = (): void => {
    const scope = this.#scope;
    if (this.#isOver || scope === undefined) return;
    if (this.#deadlock === undefined) {
      this.#deadlock = deadlockAt(this.#plan.site);
      scope.cancel(this.#deadlock);
      // What begins now may take its time, but does not keep the process alive by itself.
      const grace = Math.min(this.#plan.grace, DEFAULT_GRACE);
      const timer = startQuietTimer(() => this.#leave(grace), grace);
      this.#replaceTimer(() => stopHostTimer(timer));
    } else if (!endBelow(scope.token, this.#deadlock)) {
      this.#end(undefined);
      return;
    }
    // A turn for what was cancelled. If nothing comes of it the process is idle again.
    nextTurn(() => quietBelow(scope.token));
  };

  /** The time is over. */
  #leave(grace: number): void {
    const { token } = this.#scope as OpenScope;
    // What the scope has left behind at this moment is what has used the time up.
    const left = this.#scope?.errors.flatMap((e) => (e instanceof StuckTasks ? e.tasks : []));
    this.#stuck = new StuckTasks([...(left ?? []), ...stuckIn(token)], grace);
    this.#endRest(now() + LAST_TURNS);
  }

  /** Ends all that is left, as well as that can be done, one step a turn. */
  #endRest(until: number): void {
    const { token } = this.#scope as OpenScope;
    const goesOn =
      !this.#isOver && now() < until && endBelow(token, this.#deadlock ?? this.#stoppedBy);
    nextTurn(() => {
      if (goesOn) this.#endRest(until);
      else this.#end(undefined);
    });
  }

  #replaceTimer(stop?: () => void): void {
    this.#stopTimer?.();
    this.#stopTimer = stop;
  }

  #end(end: End<T>): void {
    if (this.#isOver) return;
    this.#isOver = true;
    Program.#running.delete(this as Program<unknown>);
    this.#replaceTimer();
    // Another one that the signal has stopped too still cleans up, and is given what this one ends with if it waits for it.
    const isLast = [...Program.#running].every((other) => other.#stoppedBy === undefined);
    if (this.#stoppedBy === undefined || !this.#plan.exitCodes || !isLast) {
      for (const name of this.#plan.signals) this.#host?.off(name, this.#onSignal);
      this.#host?.off('beforeExit', this.#onIdle);
      this.#settle(end);
      return;
    }
    // The process ends before anybody could handle or print them.
    for (const error of this.#errors(end)) print(error);
    this.#exit(signalCode(this.#stoppedBy));
  }

  #exit(code: number): void {
    const exit = (): void => this.#host?.exit(code);
    // Warnings of the process are printed a turn later than they are given. What was left at the last moment is in our report already.
    if (this.#stuck !== undefined) whenWritten(exit);
    else nextTurn(() => whenWritten(exit));
    // A reader may have stalled.
    kernel.clock.at(Math.max(this.#until, now() + LAST_TURNS), exit);
  }

  #settle(end: End<T>): void {
    const report = this.#deadlock ?? this.#stuck;
    if (report === undefined) {
      if (end !== undefined && 'value' in end) this.#ended.resolve(end.value);
      else this.#ended.reject(end?.error);
      return;
    }
    const others = this.#errors(end).filter((error) => error !== report);
    if (others.length > 0) {
      const cause = others.length === 1 ? others[0] : new AggregateError(others, 'several errors');
      Object.defineProperty(report, 'cause', { value: cause, configurable: true, writable: true });
    }
    if (report === this.#deadlock && this.#plan.exitCodes)
      exitCodeIfUncaught(report, DEADLOCK_CODE);
    this.#ended.reject(report);
  }

  /** All that went wrong, each once. What is left was cancelled, so that is no news, and what the scope left behind is in our own report. */
  #errors(end: End<T>): unknown[] {
    const own = [this.#deadlock, this.#stuck].filter((error) => error !== undefined);
    const thrown = end !== undefined && 'error' in end ? [end.error] : [];
    const others = [...(this.#scope?.errors ?? []), ...thrown].filter(
      (error) => !isCancelled(error) && (own.length === 0 || !(error instanceof StuckTasks)),
    );
    return [...new Set<unknown>([...own, ...others])];
  }
}

/** The deadlock that there is now, with the place where the program was started: nothing else is on the stack. */
function deadlockAt(site: CallSite): Deadlock {
  const error = new Deadlock(
    taskTree(),
    'every task waits and nothing is left that could wake one',
  );
  error.stack = [`${error.name}: ${error.message}`, site.frames].join('\n').trimEnd();
  // The message has the tree: an error that nobody catches is printed with both.
  Object.defineProperty(error, 'tree', { enumerable: false });
  return error;
}

/** Prints an error; of ours, whose stacks lead nowhere, what they say. */
function print(error: unknown): void {
  const isOurs = error instanceof StuckTasks || error instanceof Deadlock;
  console.error(isOurs ? `${error.name}: ${error.message}` : error);
}
