/**
 * One call on its way through a pool: a wait that a cancellation does not end at once, because the body has to end first.
 *
 * @module
 */
import type { Timer } from '../../core/clock.ts';
import type { Call } from '../../core/engine.ts';
import { type Cancelled, isCancelled } from '../../core/errors.ts';
import { kernel } from '../../core/kernel.ts';
import { placeAt } from '../../core/placed.ts';
import { Wait } from '../../core/wait.ts';
import type { CallSite } from '../../runtime/call-site.ts';
import type { CapturedContext } from '../../runtime/context.ts';
import type { EncodedThrown } from '../../shipping/error-codec.ts';
import { Unclonable } from '../../shipping/unclonable.ts';
import type { Lender } from '../shared/lender.ts';
import type { Line } from '../shared/line.ts';
import type { Outcome } from './link.ts';
import type { PoolWorker } from './pool-worker.ts';
import type { Route } from './route.ts';

/** Whoever runs calls. */
export interface CallOwner {
  /**
   * Stops a call; `error` is what it then rejects with.
   *
   * @param isLate its time is over: a value that it gives all the same is none. Default false
   */
  stop(call: PoolCall, error: unknown, isLate?: boolean): void;
}

/** A call that has been submitted. */
export class PoolCall extends Wait<unknown> {
  readonly route: Route;
  readonly args: readonly unknown[];
  readonly call: Call;
  readonly site: CallSite | undefined;
  /** The worker that has it; undefined while it is queued. */
  worker: PoolWorker | undefined = undefined;
  /** It gets a worker for itself. */
  isExclusive: boolean;
  /** Its number at that worker. */
  seq = 0;
  /** What it rejects with once its body has ended: its scope was cancelled, its signal aborted, or its time was over. */
  stopped: { readonly error: unknown; readonly isLate: boolean } | undefined = undefined;
  /** The objects that it shares with its worker. */
  lender: Lender | undefined = undefined;
  /** Where the call was made: callbacks run there. Undefined for a call that shares nothing. */
  home: CapturedContext | undefined = undefined;
  /** The line on which shared objects speak. */
  line: Line | undefined = undefined;
  /** Part of it was moved to its worker: it cannot go to another. */
  wasMoved = false;
  /** What it was sent with could not be read: it is sent by itself. */
  travelsAlone = false;
  /** Ends the watches over its signal and its time. */
  unwatch: (() => void) | undefined = undefined;
  timer: Timer | undefined = undefined;
  /** The pool. */
  readonly owner: CallOwner;

  constructor(
    owner: CallOwner,
    route: Route,
    args: readonly unknown[],
    call: Call,
    site: CallSite | undefined,
    label: string,
  ) {
    // Lean: so many of them may wait that their size is what they cost.
    super(label, undefined, undefined, true);
    this.owner = owner;
    this.route = route;
    this.args = args;
    this.call = call;
    this.site = site;
    this.isExclusive = call.exclusive === true;
    // Only a worker can end this wait: no clock may jump over it, and it is no deadlock.
    if (!this.settled) kernel.outside++;
  }

  /** `name[index]`; empty where there is no name. */
  get name(): string {
    const { name = this.route.name, index } = this.call;
    return index === undefined || name === '' ? name : `${name}[${index}]`;
  }

  /** The same for what is cancelled or late: a call without a name is called that. */
  get caption(): string {
    return this.name || 'call';
  }

  override cancel(cancelled: Cancelled): void {
    this.owner.stop(this, cancelled);
  }

  /** It has ended, in whatever way: what was held for it is released. Gives what went wrong with that. */
  release(): { readonly error: unknown } | undefined {
    kernel.outside--;
    this.worker = undefined;
    this.unwatch?.();
    this.timer?.stop();
    return this.lender?.end();
  }

  /** Messages on its line. */
  told(messages: readonly unknown[]): void {
    for (const message of messages) this.line?.receive(message);
  }

  /** Its body has ended. */
  end(outcome: Outcome, value: unknown): void {
    const { stopped } = this;
    const failed = this.release();
    if (stopped?.isLate === true) this.fail(stopped.error);
    else if (outcome === 'value' && failed !== undefined) this.fail(failed.error);
    else if (outcome === 'value') this.ok(value);
    else {
      const error = this.route.thrown(value as EncodedThrown, this.args, this.site);
      this.fail(stopped !== undefined && isCancelled(error) ? stopped.error : error);
    }
  }

  /** It cannot be sent. The error is made when a worker has room, in a turn that has forgotten who called. */
  unsendable(error: unknown): void {
    const { site } = this;
    if (error instanceof Unclonable && site !== undefined) placeAt(error, () => site.frames);
    this.drop(error);
  }

  /** It ends without an outcome of its body. */
  drop(error: unknown): void {
    if (this.settled) return;
    this.release();
    this.fail(error);
  }

  /** It leaves before it has begun. */
  leave(error: unknown): void {
    this.release();
    this.withdraw(error);
  }
}
