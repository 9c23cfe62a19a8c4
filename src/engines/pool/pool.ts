/**
 * A pool of workers: one queue, first in, first out, and workers that take from it. Calls of one turn travel together, as many as the
 * measured length of the function allows; what a busy worker has not started goes to an idle one; and when a worker dies, exactly the
 * calls that it had started fail. How calls travel is the business of a `Link`: the pool is the same for threads and processes.
 *
 * @module
 */
import { isA } from '../../core/arguments.ts';
import { toMilliseconds } from '../../core/duration.ts';
import { Cancelled } from '../../core/errors.ts';
import { isCalledFrom } from './behalf.ts';
import { killAfter, watchTime } from './call-timers.ts';
import {
  countRunning,
  countShared,
  countStarting,
  findIdle,
  hasSeveral,
  richest,
} from './census.ts';
import { Deaths } from './deaths.ts';
import { refuseAll, refuseUnloadable, sortOut } from './died-with.ts';
import { IdleSweep } from './idle-sweep.ts';
import type { LateErrors } from './late-errors.ts';
import type { LinkEvents, Outcome, StartWorker, WorkerEnd } from './link.ts';
import { Overdue } from './overdue.ts';
import type { CallOwner, PoolCall } from './pool-call.ts';
import type { PoolPlan } from './pool-options.ts';
import { PoolWorker } from './pool-worker.ts';
import { Stalled } from './stalled.ts';
import { Turn } from './turn.ts';
import { Waiting } from './waiting.ts';

/** The workers of one engine, and the calls that wait for them. */
export class Pool implements CallOwner {
  readonly plan: PoolPlan;
  readonly #start: StartWorker;
  readonly #lateErrors: LateErrors;
  readonly #waiting = new Waiting();
  readonly #workers: PoolWorker[] = [];
  readonly #sweep: IdleSweep;
  readonly #overdue: Overdue;
  readonly #stalled: Stalled;
  #lastNumber = 0;
  readonly #turn = new Turn(() => this.#pump());
  /** Calls that are on their way to the queue: their function is still being looked for. */
  #coming = 0;
  readonly #deaths = new Deaths();
  /** No worker can be started: calls that have one to wait for do without another, until the next call. */
  #isBarren = false;
  #ending: (() => void) | undefined;

  constructor(plan: PoolPlan, start: StartWorker, lateErrors: LateErrors) {
    this.#lateErrors = lateErrors;
    this.plan = plan;
    this.#start = start;
    this.#sweep = new IdleSweep(this.#workers, plan.idle);
    this.#stalled = new Stalled(this.#workers, plan.grace, (worker) => this.#kill(worker));
    this.#overdue = new Overdue(this.#workers, plan.size, (rich) => this.#fetchHalf(rich));
  }

  /** Workers alive, calls that they have, calls that wait. */
  get stats(): { readonly workers: number; readonly running: number; readonly waiting: number } {
    const running = countRunning(this.#workers);
    const waiting = this.#waiting.length + this.#coming;
    return { workers: this.#workers.length, running, waiting };
  }

  enqueue(call: PoolCall): void {
    const { shipping } = call.route;
    if (shipping !== undefined) {
      this.#await(call, shipping);
      return;
    }
    if (isCalledFrom(this)) call.isExclusive = true;
    this.#isBarren = false;
    this.#waiting.push(call);
    if (this.#waiting.length === 1 && this.#handOver()) return;
    this.#turn.submitted();
  }

  /**
   * Gives the only call in line to a worker that has nothing to do, at once, as this thread may keep its turn for long. Tiny ones travel
   * together while there are many. False: it waits for the end of the turn.
   */
  #handOver(): boolean {
    const workers = this.#workers;
    const idle = this.#turn.isGiving ? undefined : findIdle(workers);
    if (idle === undefined) return false;
    if (this.#waiting.exclusive > 0) this.#turn.give(() => this.#placeExclusive());
    else if (this.#waiting.first?.route.depth === 1 || !workers.some(hasSeveral)) {
      this.#turn.give(() => this.#feed(idle, 1));
    }
    return this.#waiting.length === 0;
  }

  #await(call: PoolCall, shipping: Promise<void>): void {
    this.#coming++;
    const came = (goOn: () => void): void => {
      this.#coming--;
      if (!call.settled) goOn();
      this.#noticeEnd();
    };
    shipping.then(
      () => came(() => this.enqueue(call)),
      (error: unknown) => came(() => call.drop(error)),
    );
  }

  /** Gives calls to the workers that can take some, starts workers for what is left, and shares out what busy ones have not started. */
  #pump(): void {
    if (this.#turn.isGiving) this.#turn.endSoon();
    else this.#turn.give(this.#shareOut);
  }

  readonly #shareOut = (): void => {
    const workers = this.#workers;
    // First: the worker that was started for such a call must not be eaten up by the queue.
    if (this.#waiting.exclusive > 0) this.#placeExclusive();
    // Of as many workers as there may be: what those that are there do not get has others started.
    const share = Math.ceil((this.#waiting.shared + countRunning(workers)) / this.plan.size);
    for (let i = 0; i < workers.length && this.#waiting.shared > 0; i++) {
      const worker = workers[i] as PoolWorker;
      if (worker.isFree && worker.isHungry) this.#feed(worker, share - worker.size);
    }
    if (this.#waiting.shared > 0) {
      this.#grow();
      if (this.plan.size > 1) this.#overdue.watch(true);
    } else if (this.plan.size > 1) this.#steal();
  };

  #feed(worker: PoolWorker, count: number): void {
    const wasIdle = worker.size === 0;
    for (let left = Math.min(count, worker.link.room); left > 0; left--) {
      const call = this.#waiting.first;
      if (call === undefined || !worker.canTake(call)) break;
      this.#waiting.remove(call);
      this.#send(worker, call);
      if (worker.retiring) break;
    }
    if (worker.size > 0) {
      if (wasIdle) worker.wake();
      worker.link.flush();
    }
  }

  #send(worker: PoolWorker, call: PoolCall): void {
    const failed = this.#turn.pack(worker, call);
    if (failed !== undefined) {
      call.unsendable(failed.error);
      return;
    }
    worker.took(call);
    this.#stalled.watch();
    if (worker.given >= this.plan.maxTasks) worker.retiring = true;
    watchTime(call, this);
  }

  /** Starts a worker for each call that none is on its way for, up to the size of the pool. */
  #grow(): void {
    let shared = countShared(this.#workers);
    if (this.#isBarren && shared > 0) return;
    let starting = countStarting(this.#workers);
    for (; shared < this.plan.size && starting < this.#waiting.shared; starting++) {
      if (!this.#spawn()) return;
      shared++;
    }
  }

  /** Gives each of these calls a worker of its own: one that is idle, or a new one, beyond the size of the pool if it must be. */
  #placeExclusive(): void {
    let starting = 0;
    for (const worker of this.#workers) {
      if (!worker.isFree || worker.size > 0) continue;
      if (!worker.isReady) {
        starting++;
        continue;
      }
      const call = this.#waiting.shiftExclusive();
      if (call === undefined) return;
      worker.owner = call;
      this.#send(worker, call);
      if (worker.size === 0) {
        this.#disown(worker);
        if (worker.retiring) this.#rest(worker);
      } else {
        worker.wake();
        worker.link.flush();
      }
    }
    for (; starting < this.#waiting.exclusive; starting++) if (!this.#spawn()) return;
  }

  /** Starts a worker. False if it could not be started: whoever has no worker to wait for was told why. */
  #spawn(): boolean {
    const worker = new PoolWorker(++this.#lastNumber);
    const events: LinkEvents = {
      ready: () => this.#ready(worker),
      settled: (call, outcome, value) => this.#settled(worker, call, outcome, value),
      refused: (call, error) => this.#refused(worker, call, error),
      returned: (call) => this.#returned(worker, call),
      told: (call, messages) => call.told(messages),
      drained: () => this.#drained(worker),
      swollen: () => this.#retire(worker),
      late: (error, functionName) => {
        this.#lateErrors.said(functionName, error);
        // What it holds may be broken.
        this.#retire(worker);
        this.#drained(worker);
      },
      rested: () => worker.rested(),
      exited: (end, pending) => this.#exited(worker, end, pending),
    };
    try {
      worker.link = this.#start(events, worker.number);
    } catch (error) {
      this.#refuseWaiting({ error });
      this.#noticeEnd();
      return false;
    }
    this.#workers.push(worker);
    this.#waiting.prepare();
    return true;
  }

  #ready(worker: PoolWorker): void {
    worker.isReady = true;
    if (this.#waiting.exclusive > 0) this.#turn.give(() => this.#placeExclusive());
    if (worker.owner === undefined) this.#trim(worker);
    this.#drained(worker);
  }

  #settled(worker: PoolWorker, call: PoolCall, outcome: Outcome, value: unknown): void {
    worker.ended();
    this.#deaths.lived(call.route);
    if (worker.owner === call) this.#disown(worker);
    call.end(outcome, value);
  }

  #refused(worker: PoolWorker, call: PoolCall, error: unknown): void {
    worker.lost();
    if (worker.owner === call) this.#disown(worker);
    call.unsendable(error);
  }

  /** The call that had the worker for itself is over: it is one too many now, or one of all. */
  #disown(worker: PoolWorker): void {
    worker.owner = undefined;
    this.#trim(worker);
  }

  /** A worker that is one too many ends when it has nothing to do. */
  #trim(worker: PoolWorker): void {
    if (countShared(this.#workers) > this.plan.size) worker.retiring = true;
  }

  #returned(worker: PoolWorker, call: PoolCall): void {
    worker.lost();
    worker.shrink();
    if (worker.owner === call) this.#disown(worker);
    if (call.stopped !== undefined) call.leave(call.stopped.error);
    else if (!call.settled) this.#waiting.putBack(call);
  }

  #drained(worker: PoolWorker): void {
    if (this.#turn.isGiving) {
      queueMicrotask(() => this.#drained(worker));
      return;
    }
    worker.learn();
    this.#pump();
    if (worker.size === 0 && !worker.gone) this.#rest(worker);
  }

  /** What happens to a worker that has nothing to do. */
  #rest(worker: PoolWorker): void {
    if (worker.retiring || this.#ending !== undefined) {
      worker.retiring = true;
      worker.link.end();
    } else {
      worker.rest();
      this.#sweep.later();
    }
    this.#noticeEnd();
  }

  /** Takes work from the worker that has most of it, if another has nothing. */
  #steal(): void {
    const idle = findIdle(this.#workers);
    if (idle === undefined) {
      this.#overdue.watch(false);
      return;
    }
    for (const rich of richest(this.#workers)) {
      const count = Math.min(rich.size >> 1, this.plan.maxTasks - idle.given);
      const calls = rich.link.recall(count);
      // Where all have started there is nothing to take: the next has less, but may not have come to it.
      if (calls === undefined) continue;
      if (calls.length > 0) this.#move(calls, rich, idle);
      return;
    }
  }

  /** What waits again has a worker started. */
  #fetchHalf(rich: readonly PoolWorker[]): void {
    for (const worker of rich) this.#fetch(worker, worker.size >> 1);
    this.#pump();
  }

  #fetch(worker: PoolWorker, count: number): void {
    const calls = worker.link.recall(count) ?? [];
    for (const call of calls.reverse()) this.#returned(worker, call);
  }

  #move(calls: readonly PoolCall[], rich: PoolWorker, idle: PoolWorker): void {
    rich.shrink();
    for (const call of calls) {
      rich.lost();
      this.#send(idle, call);
    }
    // None of them could be sent again.
    if (idle.size === 0) return;
    idle.deepen(calls.length);
    idle.wake();
    idle.link.flush();
  }

  /** Lets a worker finish what it has started, and no more. */
  #retire(worker: PoolWorker): void {
    worker.retiring = true;
    this.#fetch(worker, worker.size);
  }

  stop(call: PoolCall, error: unknown, isLate = false): void {
    if (call.settled || call.stopped !== undefined) return;
    const { worker } = call;
    if (call === this.#turn.packed) {
      queueMicrotask(() => this.stop(call, error, isLate));
    } else if (worker === undefined) {
      call.leave(error);
      this.#noticeEnd();
    } else if (worker.link.revoke(call)) {
      worker.lost();
      if (worker.owner === call) this.#disown(worker);
      call.leave(error);
      if (worker.size === 0) this.#drained(worker);
    } else {
      call.stopped = { error, isLate };
      call.timer?.stop();
      worker.link.stop(call, isA(error, Cancelled) ? error.reason : error);
      const grace = toMilliseconds(call.call.grace ?? this.plan.grace, 'grace');
      killAfter(worker, call, grace, () => this.#kill(worker));
    }
  }

  /** Ends a worker whose body does not stop. It may survive for a moment: nothing else may start there. */
  #kill(worker: PoolWorker): void {
    this.#retire(worker);
    worker.link.kill();
  }

  #exited(worker: PoolWorker, end: WorkerEnd, pending: readonly PoolCall[]): void {
    worker.gone = true;
    this.#lateErrors.ended(worker, end, pending);
    this.#workers.splice(this.#workers.indexOf(worker), 1);
    const { back, hopeless, isIdle } = sortOut(worker, end, pending, this.#deaths);
    for (const call of back.reverse()) if (!call.settled) this.#waiting.putBack(call);
    if (hopeless !== undefined) refuseUnloadable(hopeless, this.#waiting.take(hopeless), end);
    if (isIdle && this.#deaths.beforeWork(end)) {
      this.#isBarren = true;
      this.#refuseWaiting(end);
    }
    this.#pump();
    this.#noticeEnd();
  }

  /** No worker comes: whoever has none to wait for is told why. The next call tries again. */
  #refuseWaiting(end: WorkerEnd): void {
    const isAlone = countShared(this.#workers) === 0;
    refuseAll(isAlone ? this.#waiting.take() : this.#waiting.takeExclusive(), end);
  }

  /** Waits for all calls, then ends the workers; nothing waits for one that is not ready. */
  async close(): Promise<void> {
    if (this.#turn.isGiving) await undefined;
    const { promise, resolve } = Promise.withResolvers<void>();
    // What was submitted in this turn goes to workers that would end otherwise.
    this.#pump();
    this.#ending = resolve;
    for (const worker of [...this.#workers]) {
      worker.wake(); // Whoever awaits the end must see it: the process stays for it.
      if (worker.isReady && worker.size === 0) this.#rest(worker);
    }
    this.#noticeEnd();
    await promise;
  }

  #noticeEnd(): void {
    if (this.#ending === undefined) return;
    const { waiting, running, workers } = this.stats;
    if (waiting + running > 0) return;
    // One that is not ready yet may never be.
    for (const worker of this.#workers) {
      if (!(worker.isReady || worker.retiring)) this.#rest(worker);
    }
    if (workers === 0) this.#ending();
  }
}
