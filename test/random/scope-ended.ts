/**
 * What has happened in a scope, in the moment of its end: who failed, who cancelled it, what was cut short.
 *
 * @module
 */
import { isCancelled } from 'skein';
import type { Call } from './call.ts';
import { aborted, type Cause, cancelled, endsAs, lastOf, timesOut } from './causes.ts';
import { keptEnd } from './kept.ts';
import { abandons, leavesBehind } from './left.ts';
import type { Block, Handle, Limited, TaskPart } from './model.ts';

/** Something that cancels a scope. */
export interface Canceller {
  readonly at: number;
  readonly by: 'itself' | 'signal' | 'outer' | 'deadline' | 'error';
  /** It came before the end of the work, and not at the same instant. */
  readonly sure: boolean;
}

/** A scope that has ended, or is about to. */
export class Ended {
  readonly #call: Call<Block> | Call<Handle>;

  constructor(call: Call<Block> | Call<Handle>) {
    this.#call = call;
  }

  get body(): Call | undefined {
    return this.#call.partsAs('body')[0];
  }

  /** Of a handle: when somebody was the first to ask for its end. */
  get asked(): number {
    const ends = this.#call.partsAs('end').map(({ startedAt }) => startedAt);
    return Math.min(this.endedByHome, ...ends);
  }

  /**
   * When the scope in which a handle was opened may have stopped it among its clean-ups. A scope waits for whoever has opened a handle, but for
   * two: an attempt at a limiter whose time is up, and one that leaves work behind.
   */
  get endedByHome(): number {
    const { home } = this.#call;
    const { scope } = home.token;
    for (let call = this.#call as Call | undefined; call !== undefined; call = call.parent) {
      if (call.home.token.scope !== scope) break;
      const { parent } = call;
      if (parent === undefined) break;
      const { timeout = Infinity } =
        parent.part.as === 'call' ? ((parent.parent as Call).work as Limited) : {};
      if (timeout < Infinity) return call.startedAt + timeout;
      // The attempts of a flow have a scope where they have a time limit.
      const hasScope = parent.work.kind !== 'flow' || parent.work.timeout !== undefined;
      if (leavesBehind(parent) && hasScope) return home.cancelledAt ?? Infinity;
    }
    return Infinity;
  }

  /** When the body and the tasks had ended, and what they have left to the scope; of a handle: and somebody had asked for the end. */
  get workEnd(): number {
    if (abandons(this.#call.work)) return Math.min(this.leftAt, this.#timeEnd);
    const { parts } = this.#call;
    const work = parts.filter(({ part }) => part.as === 'task' || part.as === 'body');
    return Math.max(this.body === undefined ? this.asked : -1, lastOf(work));
  }

  /**
   * When the last of them had ended that can be cut short: what comes later changes nothing for the caller, though daemons may be at work.
   */
  get #cutEnd(): number {
    const work = this.#call.parts.filter((part) => {
      const isTask = part.part.as === 'task' && this.planOf(part)?.how !== 'daemon';
      return isTask || part.part.as === 'body';
    });
    const { tasks } = this.#call.work;
    const leaves = abandons(this.#call.work);
    // Tasks that have never left their line were dropped.
    if (leaves && this.#call.partsAs('task').length < tasks.length) return Infinity;
    const open = leaves ? Infinity : -1;
    return Math.max(-1, ...work.map(({ settledAt = open }) => settledAt));
  }

  /** When its time is over: with all that it waits for. Daemons are stopped then. */
  get #timeEnd(): number {
    return Math.max(this.#cutEnd, this.body === undefined ? this.asked : -1);
  }

  /** With `abandon`: when it was first cancelled, if it was. What is at work then is left behind. */
  get leftAt(): number {
    if (!abandons(this.#call.work)) return Infinity;
    // The failure of a body cancels its scope in any case.
    const { body } = this;
    const ofBody = body?.failed === true ? [endsAs(body)] : [];
    const failures = this.#call.work.goesOn ? ofBody : [...this.#allFailures, ...ofBody];
    return Math.min(...[...this.#outside, ...failures].map(({ at }) => at));
  }

  /** When the last of all has ended. */
  get last(): number {
    const scope = this.body?.home.token.scope;
    const isLeft = abandons(this.#call.work) && scope !== undefined;
    const handles = isLeft ? keptEnd(this.#call, scope, ['handle']) : -1;
    return Math.max(this.workEnd, lastOf(this.#call.partsAs('cleanup')), handles);
  }

  /** How a task was started. */
  planOf({ part }: Call): TaskPart | undefined {
    return this.#call.work.tasks[part.place as number];
  }

  /** Whoever may have been the first to cancel it, and whether one of them was in time. */
  get first(): { readonly may: readonly Canceller[]; readonly must: boolean } {
    const failures = this.#call.work.goesOn ? [] : this.failures;
    const all = [
      ...this.#outside,
      ...failures.map(({ at, sure }) => this.#canceller(at, 'error', sure)),
    ];
    return firstOf(all.filter(({ at }) => at <= this.workEnd));
  }

  /** Errors of the body and of the tasks. */
  get failures(): Cause[] {
    const { leftAt } = this;
    const outside = Math.min(...this.#outside.map(({ at }) => at));
    // What has failed in the instant of another cancellation may have been left behind.
    const leaves = abandons(this.#call.work);
    return this.#allFailures
      .filter(({ at }) => at <= leftAt)
      .map((each) => ({ ...each, sure: each.sure && !(leaves && each.at === outside) }));
  }

  get #allFailures(): Cause[] {
    const told = this.#call
      .partsAs('task')
      .filter((task) => this.body === undefined || this.planOf(task)?.how !== 'schedule');
    const found: Cause[] = [];
    for (const part of [...told, ...this.#call.partsAs('body')]) {
      if (!part.failed) continue;
      const isDaemon = part.part.as === 'task' && this.planOf(part)?.how === 'daemon';
      const endedWith = isDaemon && abandons(this.#call.work) ? this.#timeEnd : Infinity;
      // Daemons that have not ended with the rest are left behind.
      if ((part.settledAt as number) > endedWith) continue;
      const isFailure = this.#isFailure(part);
      const sure = isFailure && part.settledAt !== endedWith;
      if (isFailure !== undefined) found.push(endsAs(part, sure === true));
    }
    return found;
  }

  /** The time-out, if the deadline was what cancelled it. */
  get timedOut(): Cause[] {
    const { may, must } = this.first;
    const deadline = may.find(({ by }) => by === 'deadline');
    if (deadline === undefined) return [];
    return [timesOut(deadline.at, this.#call.work.timeout as number, must && may.length === 1)];
  }

  /**
   * Whether a task was ended by the cancellation of the scope: its body may have returned a value, but not the whole. One that was
   * cancelled on its own account does not count.
   */
  cutShort(how: 'surely' | 'perhaps'): boolean {
    return this.#call.partsAs('task').some((task) => {
      const { how: kind, cancelAfter = Infinity } = this.planOf(task) ?? {};
      const onItsOwn = this.#call.startedAt + cancelAfter <= this.workEnd;
      const wasLeft = (task.settledAt ?? Infinity) > this.leftAt;
      const isCut = task.interrupted || wasLeft || (how === 'perhaps' && task.perhapsInterrupted);
      return kind !== 'daemon' && isCut && (how === 'perhaps' || !onItsOwn);
    });
  }

  /** Whether an error counts: true, false for perhaps. A cancellation does not. */
  #isFailure({ error, home, settledAt = -1, part }: Call): boolean | undefined {
    const { cancelledAt = Infinity, token } = home;
    if (!isCancelled(error)) return true;
    if (cancelledAt < settledAt || error === token.effective) return undefined;
    if (cancelledAt > settledAt) return true;
    // The failure of a body cancels its own scope.
    return part.as === 'body' && this.#outside.every(({ at }) => at > settledAt);
  }

  get #outside(): Canceller[] {
    const { startedAt, work } = this.#call;
    const found: Canceller[] = [];
    if (work.cancelAfter !== undefined)
      found.push(this.#canceller(startedAt + work.cancelAfter, 'itself'));
    if (work.timeout !== undefined && startedAt + work.timeout <= this.#timeEnd) {
      const at = startedAt + work.timeout;
      found.push({ at, by: 'deadline', sure: at < this.#timeEnd });
    }
    for (const { at } of aborted(this.#call)) found.push(this.#canceller(at, 'signal'));
    for (const { at } of cancelled(this.#call)) {
      if (work.kind === 'handle' || work.shield !== true) found.push(this.#canceller(at, 'outer'));
      // A shield holds until the scope around it has ended, which a limiter that gives up brings about.
      else found.push(this.#canceller(this.body?.home.cancelledAt ?? Infinity, 'itself', false));
    }
    if (work.kind === 'handle') {
      for (const end of this.#call.partsAs('end')) {
        if (work.ends[end.part.place as number]?.how === 'dispose') {
          found.push(this.#canceller(end.startedAt, 'itself'));
        }
      }
    }
    return found;
  }

  #canceller(at: number, by: Canceller['by'], sure = true): Canceller {
    return { at, by, sure: sure && at < this.#cutEnd };
  }
}

function firstOf(all: readonly Canceller[]): { may: Canceller[]; must: boolean } {
  const first = all.reduce((at, each) => (each.sure ? Math.min(at, each.at) : at), Infinity);
  return { may: all.filter(({ at }) => at <= first), must: first !== Infinity };
}
