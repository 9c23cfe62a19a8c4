/**
 * The pump behind every flow: lanes pull from one source, run a body, and hand outcomes to one sink.
 *
 * A lane is a pair of callbacks that is made once and used for task after task, so a task costs what the user's own function costs
 * plus one small context object. Nothing here races promises against each other (O(limit) a task, and it keeps memory behind a
 * slow one) and nothing shifts arrays. What the source, the bodies and their clean-ups start stays inside one token: cancelling
 * it stops all, and the pump ends when all have ended and the source is closed.
 *
 * @module
 */
import { isThenable } from '../core/arguments.ts';
import type { Timer } from '../core/clock.ts';
import { CallContext, type Context, type MaybePromise } from '../core/context.ts';
import { isCancelled, type StuckTasks } from '../core/errors.ts';
import { GraceWatch } from '../core/grace.ts';
import { afterTurn, kernel, now } from '../core/kernel.ts';
import { linkSignal } from '../core/link-signal.ts';
import type { OpenScope } from '../core/open-scope.ts';
import { Ring } from '../core/ring.ts';
import type { Runner } from '../core/runner.ts';
import { captureContext, currentToken, rootToken, Token } from '../core/token.ts';
import type { CapturedContext } from '../runtime/context.ts';
import { keepShape } from '../runtime/keep-shape.ts';
import { monotonicNow } from '../runtime/runtime.ts';
import { bodyOf } from './attempt.ts';
import { type FlowPlan, type FlowStats, type Mapper, planFlow, type Source } from './options.ts';
import { type OpenSource, openSource } from './source.ts';

/** Where outcomes go. */
export interface Sink<R> {
  value(index: number, value: R): void;
  /** An input has failed for good and the flow goes on. */
  error(index: number, error: unknown): void;
  /** Everything has ended; called once. */
  end(): void;
  /** Results that the consumer has not taken. */
  readonly waiting: number;
}

/** What a pump needs besides the options. */
export interface Work<T, R> {
  readonly source: Source<T>;
  readonly body: Mapper<T, R>;
  /** Refuses an item that cannot be one; what it throws is the item's failure, and is never retried. */
  readonly check?: (item: T, index: number) => void;
  /** Keeps one item pulled while all lanes are busy. */
  readonly pullsAhead?: boolean;
  /** What a failure of the source is reported as. */
  readonly sourceError?: (error: unknown) => unknown;
  /** What a failure of the body is reported as. */
  readonly bodyError?: (error: unknown, index: number) => unknown;
}

/** The longest time that the pump keeps the event loop to itself. */
const SLICE_MS = 10;

const EMPTY: unique symbol = Symbol('empty');

class Lane<T, R> {
  /** Of the item at work; -1 when there is none. */
  index = -1;
  attempt = 1;
  item: T | undefined;
  readonly ok: (value: R) => void;
  readonly no: (error: unknown) => void;

  constructor(pump: Pump<T, R>) {
    this.ok = (value) => pump.laneSucceeded(this, value);
    this.no = (error) => pump.laneFailed(this, error);
  }
}

interface Repetition<T> {
  readonly item: T;
  readonly index: number;
  readonly attempt: number;
}

/** Runs one flow. */
export class Pump<T, R> {
  readonly token: Token;
  readonly plan: FlowPlan;
  /** All failures, in the order of time. */
  readonly errors: unknown[] = [];
  state: 'running' | 'stopping' | 'ended' = 'running';
  /** The error that stopped the flow. */
  failure: { readonly error: unknown } | undefined;
  done = 0;
  failed = 0;
  readonly #work: Work<T, R>;
  readonly #limit: number;
  readonly #runner: Runner | undefined;
  readonly #repeats: boolean;
  readonly #sink: Sink<R>;
  readonly #body: Mapper<T, R>;
  readonly #context: CapturedContext;
  readonly #watch: GraceWatch;
  readonly #unlink: (() => void) | undefined;
  readonly #lanes: Lane<T, R>[] = [];
  readonly #idle: Lane<T, R>[] = [];
  #source: OpenSource<T> | undefined;
  #exhausted = false;
  #pulled = 0;
  #started = 0;
  #running = 0;
  /** How many more items may start before the consumer asks for more. */
  #credit: number;
  #held: T | typeof EMPTY = EMPTY;
  #pulling = false;
  #insideNext = false;
  #closing: 'open' | 'closing' | 'closed' = 'open';
  #filling = false;
  #yielding = false;
  /** A lane waits for the limiter; it is the only one that does, so nothing is pulled that could not start. */
  #atRunner = false;
  #repetitions: Ring<Repetition<T>> | undefined;
  #timers: Set<Timer> | undefined;
  #untilCheck = 16;
  #checkEvery = 16;
  #sliceStart = 0;
  #lastCheck = 0;
  #lastProgress = Number.NEGATIVE_INFINITY;

  constructor(
    plan: FlowPlan,
    work: Work<T, R>,
    sink: Sink<R>,
    credit: number,
    parent: Token = currentToken(),
  ) {
    this.plan = plan;
    this.#work = work;
    this.#limit = plan.limit;
    this.#runner = plan.runner;
    this.#repeats = plan.retry !== undefined;
    this.#sink = sink;
    this.#credit = credit;
    this.token = new Token(plan.name, parent, 'unit');
    (this.token.scope as OpenScope).lodge();
    this.#body = bodyOf(plan, work.body, this.token);
    this.#watch = new GraceWatch(
      this.token,
      plan.grace,
      (stuck) => this.#abandon(stuck),
      () => this.#busy(),
    );
    this.token.onCancel = () => this.#stopped();
    this.#unlink = plan.signal && linkSignal(plan.signal, this.token);
    this.#context = this.token.run(captureContext);
    kernel.flows.add(this);
  }

  /** Opens the source and starts as many lanes as may. */
  start(): void {
    if (this.token.effective !== undefined) {
      this.#stopped();
      return;
    }
    this.#sliceStart = monotonicNow();
    this.#lastCheck = this.#sliceStart;
    this.#enter(() => {
      try {
        this.#source = openSource(this.#work.source);
      } catch (error) {
        this.#sourceFailed(error);
        return;
      }
      this.#fill();
    });
  }

  /** Lets one more item start: the consumer has asked for a result. */
  grant(): void {
    this.#credit++;
    const busy = this.#running >= this.#limit || this.#pulling || this.#yielding || this.#filling;
    // Entering the context costs more than the looks before it, and mostly there is nothing to start.
    if (busy || this.#exhausted || this.state !== 'running' || this.#source === undefined) return;
    this.#enter(() => this.#fill());
  }

  /** Cancels the bodies and closes the source; `failure` is what the consumer gets at the end. */
  stop(reason: unknown, failure?: { readonly error: unknown }): void {
    if (this.state !== 'running') return;
    this.failure = failure;
    this.token.cancel(reason);
  }

  /** Stops because nobody wants the results: an error that was on its way is not reported, only kept in `errors`. */
  leave(): void {
    this.failure = undefined;
    this.stop('the consumer left');
  }

  get stats(): FlowStats {
    return {
      pulled: this.#pulled,
      running: this.#running,
      done: this.done,
      failed: this.failed,
      waiting: this.#sink.waiting,
    };
  }

  /** Bodies, pulls and closings that wait for something the library knows nothing of; see `kernel`. */
  get foreign(): number {
    const busy = this.#running + (this.#pulling ? 1 : 0) + (this.#closing === 'closing' ? 1 : 0);
    return busy + this.token.balance;
  }

  /** What ended the flow before its time; asked for when all has ended. */
  verdict(): { readonly error: unknown } | undefined {
    if (this.failure !== undefined) return this.failure;
    const cancelled = this.token.effective;
    // If every item has its outcome, the cancellation came too late to cut anything short.
    const complete = this.#exhausted && this.done + this.failed === this.#pulled;
    return cancelled === undefined || complete ? undefined : { error: cancelled };
  }

  /** All failures as one error, for a flow that went on after them. */
  aggregate(): { readonly error: unknown } | undefined {
    if (this.errors.length === 0) return undefined;
    const message = `${this.errors.length} of ${this.#pulled} items failed in ${this.plan.name}`;
    return { error: new AggregateError(this.errors, message) };
  }

  #enter(fn: () => void): void {
    this.#context.run(fn, undefined);
  }

  /** Starts items while there is room. Never runs twice at once, however the user's code calls back. */
  #fill(): void {
    if (this.#filling) return;
    this.#filling = true;
    try {
      while (
        this.state === 'running' &&
        !this.#yielding &&
        this.#running < this.#limit &&
        !this.#atRunner
      ) {
        const again = this.#repetitions?.shift();
        if (again !== undefined) {
          this.#begin(again.item, again.index, again.attempt);
        } else {
          if (this.#credit <= 0 || !this.#take()) break;
          const item = this.#held as T;
          this.#held = EMPTY;
          this.#credit--;
          const index = this.#started++;
          if (this.#work.check === undefined || this.#accepts(item, index))
            this.#begin(item, index, 1);
        }
        if (--this.#untilCheck === 0) this.#checkSlice();
      }
      if (this.#work.pullsAhead === true && this.state === 'running' && !this.#yielding)
        this.#take();
    } finally {
      this.#filling = false;
    }
    if (this.#exhausted || this.state !== 'running') this.#endIfOver();
  }

  /** Holds an item if it can; false when there is none now. */
  #take(): boolean {
    if (this.#held !== EMPTY) return true;
    if (this.#exhausted || this.#pulling) return false;
    const { iterator, isAsync } = this.#source as OpenSource<T>;
    if (isAsync) {
      this.#pull(iterator as AsyncIterator<T>);
      return false;
    }
    this.#insideNext = true;
    try {
      const result = (iterator as Iterator<T>).next();
      this.#insideNext = false;
      if (result.done === true) {
        this.#exhausted = true;
        return false;
      }
      this.#pulled++;
      this.#held = result.value;
    } catch (error) {
      this.#insideNext = false;
      this.#sourceFailed(error);
      return false;
    }
    if (this.state === 'running') return true;
    this.#closeSource();
    return false;
  }

  #pull(iterator: AsyncIterator<T>): void {
    this.#pulling = true;
    const pulled = (async () => iterator.next())();
    pulled.then(this.#arrived, this.#pullFailed);
  }

  readonly #arrived = (result: IteratorResult<T>): void => {
    this.#pulling = false;
    if (result.done === true) {
      this.#exhausted = true;
    } else if (this.state === 'running') {
      this.#pulled++;
      this.#held = result.value;
      this.#fill();
      return;
    }
    this.#endIfOver();
  };

  readonly #pullFailed = (error: unknown): void => {
    this.#pulling = false;
    this.#sourceFailed(error);
  };

  #sourceFailed(error: unknown): void {
    this.#exhausted = true;
    this.#closing = 'closed';
    if (this.state === 'running') {
      const reported = this.#work.sourceError?.(error) ?? error;
      this.errors.push(reported);
      this.stop(reported, { error: reported });
    } else if (this.state === 'stopping' && !isCancelled(error)) {
      this.errors.push(error);
    }
    this.#endIfOver();
  }

  #accepts(item: T, index: number): boolean {
    try {
      this.#work.check?.(item, index);
      return true;
    } catch (error) {
      this.#failedForGood(index, error);
      return false;
    }
  }

  #begin(item: T, index: number, attempt: number): void {
    const lane = this.#idle.pop() ?? this.#newLane();
    lane.index = index;
    lane.attempt = attempt;
    if (this.#repeats) lane.item = item;
    this.#running++;
    let result: MaybePromise<R>;
    try {
      result =
        this.#runner === undefined
          ? this.#body(item, new CallContext(this.token, index, attempt))
          : this.#askRunner(item, index, attempt);
    } catch (error) {
      this.#settle(lane);
      this.#itemFailed(item, index, attempt, error);
      return;
    }
    if (result instanceof Promise) {
      result.then(lane.ok, lane.no);
    } else if (isThenable(result)) {
      Promise.resolve(result).then(lane.ok, lane.no);
    } else {
      this.#settle(lane);
      this.#itemDone(index, result);
    }
  }

  #newLane(): Lane<T, R> {
    const lane = new Lane<T, R>(this);
    this.#lanes.push(lane);
    return lane;
  }

  #askRunner(item: T, index: number, attempt: number): Promise<R> {
    this.#atRunner = true;
    const letIn = (): void => {
      this.#atRunner = false;
      this.#enter(() => this.#fill());
    };
    const run = this.#runner?.run(() => {
      const result = this.#body(item, new CallContext(this.token, index, attempt));
      letIn();
      return result;
    });
    return (run as Promise<R>).catch((error: unknown) => {
      if (this.#atRunner) letIn();
      throw error;
    });
  }

  laneSucceeded(lane: Lane<T, R>, value: R): void {
    if (this.state === 'ended') return;
    const index = lane.index;
    this.#settle(lane);
    this.#itemDone(index, value);
    this.#fill();
  }

  laneFailed(lane: Lane<T, R>, error: unknown): void {
    if (this.state === 'ended') return;
    const { index, attempt, item } = lane;
    this.#settle(lane);
    this.#itemFailed(item as T, index, attempt, error);
    this.#fill();
  }

  #settle(lane: Lane<T, R>): void {
    this.#running--;
    lane.index = -1;
    lane.item = undefined;
    this.#idle.push(lane);
  }

  #itemDone(index: number, value: R): void {
    this.done++;
    this.#sink.value(index, value);
    if (this.plan.onProgress !== undefined) this.#progress();
  }

  #itemFailed(item: T, index: number, attempt: number, error: unknown): void {
    if (this.state !== 'running') {
      if (!isCancelled(error)) this.errors.push(error);
      return;
    }
    if (this.plan.retry === undefined || !this.#repeat(item, index, attempt, error)) {
      this.#failedForGood(index, error);
    }
  }

  /** Lets an item wait for its next attempt without a lane; the place of its result stays reserved. */
  #repeat(item: T, index: number, attempt: number, error: unknown): boolean {
    let delay: number | undefined;
    try {
      delay = this.plan.retry?.delayAfter(attempt, error);
    } catch (broken) {
      this.#failedForGood(index, broken);
      return true;
    }
    if (delay === undefined) return false;
    this.#timers ??= new Set();
    this.#repetitions ??= new Ring();
    const timer = kernel.clock.at(now() + delay, () => {
      this.#timers?.delete(timer);
      this.#repetitions?.push({ item, index, attempt: attempt + 1 });
      this.#enter(() => this.#fill());
    });
    this.#timers.add(timer);
    return true;
  }

  #failedForGood(index: number, error: unknown): void {
    const reported = this.#work.bodyError?.(error, index) ?? error;
    this.failed++;
    this.errors.push(reported);
    if (this.plan.goesOn) this.#sink.error(index, reported);
    else this.stop(reported, { error: reported });
    if (this.plan.onProgress !== undefined) this.#progress();
  }

  /** Looks at the clock now and then, more often where items are slow, so that timers and I/O get a turn in time. */
  #checkSlice(): void {
    const time = monotonicNow();
    const perItem = (time - this.#lastCheck) / this.#checkEvery;
    this.#lastCheck = time;
    this.#checkEvery = Math.max(1, Math.min(1024, Math.floor(SLICE_MS / 4 / perItem) || 1));
    this.#untilCheck = this.#checkEvery;
    if (time - this.#sliceStart < SLICE_MS || kernel.scheduler !== undefined) return;
    this.#yielding = true;
    afterTurn(() => {
      this.#yielding = false;
      this.#sliceStart = monotonicNow();
      this.#lastCheck = this.#sliceStart;
      this.#fill();
    });
  }

  #progress(last = false): void {
    const time = now();
    if (!last && time - this.#lastProgress < 100) return;
    this.#lastProgress = time;
    try {
      this.plan.onProgress?.(this.stats);
    } catch (error) {
      this.errors.push(error);
      this.stop(error, { error });
    }
  }

  /** The token was cancelled: by `stop`, by a signal, or by whatever is around. */
  #stopped(): void {
    if (this.state !== 'running') return;
    this.state = 'stopping';
    this.#watch.start();
    for (const timer of this.#timers ?? []) timer.stop();
    this.#timers?.clear();
    this.#repetitions?.clear();
    this.#held = EMPTY;
    if (!this.#insideNext) this.#closeSource();
    this.#endIfOver();
  }

  /** Calls `return()` of the source, once, and waits for it. */
  #closeSource(): void {
    if (this.#closing !== 'open') return;
    this.#closing = 'closed';
    const source = this.#source;
    if (source === undefined || this.#exhausted || source.iterator.return === undefined) return;
    if (!source.isAsync) {
      try {
        source.iterator.return();
      } catch (error) {
        this.#closeFailed(error);
      }
      return;
    }
    this.#closing = 'closing';
    const closed = (async () => source.iterator.return?.())();
    closed
      .catch((error: unknown) => this.#closeFailed(error))
      .then(() => {
        this.#closing = 'closed';
        this.#endIfOver();
      });
  }

  #closeFailed(error: unknown): void {
    if (isCancelled(error)) return;
    this.errors.push(error);
    this.failure ??= { error };
  }

  #endIfOver(): void {
    if (this.state === 'ended' || this.#running > 0 || this.#filling) return;
    if (this.state === 'running') {
      const pending =
        this.#held !== EMPTY || (this.#timers?.size ?? 0) + (this.#repetitions?.length ?? 0) > 0;
      if (!this.#exhausted || pending) return;
    } else if (this.#closing !== 'closed') return;
    this.#end();
  }

  #end(): void {
    this.state = 'ended';
    this.#watch.stop();
    this.#unlink?.();
    kernel.flows.delete(this);
    this.token.close();
    if (this.plan.onProgress !== undefined) this.#progress(true);
    this.#sink.end();
    (this.token.scope as OpenScope).leave();
  }

  #abandon(stuck: StuckTasks): void {
    this.errors.push(stuck);
    this.failure ??= { error: stuck };
    if (this.state !== 'ended') this.#end();
  }

  /** Names what is at work, for a report. */
  #busy(): string[] {
    const names = this.#lanes
      .filter((lane) => lane.index >= 0)
      .map((lane) => `${this.plan.name}[${lane.index}]`);
    return names.length > 0 ? names : [`the source of ${this.plan.name}`];
  }
}

/** Runs a flow over one item, to keep it with its lane, its token and its context. */
function warmUp(): Pump<undefined, undefined> {
  const sink = { value() {}, error() {}, end() {}, waiting: 0 };
  const plan = planFlow({ concurrency: 1 }, 'warm-up');
  const pump = new Pump<undefined, undefined>(
    plan,
    { source: [undefined], body: keepContext },
    sink,
    2,
    rootToken,
  );
  pump.start();
  return pump;
}

function keepContext(item: undefined, context: Context): undefined {
  keepShape(context);
  return item;
}

keepShape(warmUp());
