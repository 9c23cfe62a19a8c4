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
import type { MaybePromise } from '../core/context.ts';
import { isCancelled, type StuckTask, type StuckTasks } from '../core/errors.ts';
import { GraceWatch } from '../core/grace.ts';
import { kernel } from '../core/kernel.ts';
import { abandonFlow, isLeftBehind, leaveHost } from '../core/left-behind.ts';
import { linkSignal } from '../core/link-signal.ts';
import type { OpenScope } from '../core/open-scope.ts';
import { type Reading, SourceReader } from '../core/source-reader.ts';
import { captureContext, currentToken, Token } from '../core/token.ts';
import { isStoppedBy } from '../core/under-signal.ts';
import type { Course } from '../pace/retry-course.ts';
import type { CapturedContext } from '../runtime/context.ts';
import { warn } from '../runtime/runtime.ts';
import { Attempts } from './attempts.ts';
import { type Lane, type LaneOwner, Lanes } from './lane.ts';
import type { FlowPlan, FlowStats } from './options.ts';
import { Progress } from './progress.ts';
import { Reach } from './reach.ts';
import { Repetitions } from './repetitions.ts';
import { Slice } from './slice.ts';
import type { Sink, Work } from './work.ts';

/** More than can ever run at once. Infinity is a float, and a field that holds now a float and now an integer is slow in V8. */
const NO_LIMIT = 2 ** 30;

/** Runs one flow. */
export class Pump<T, R> implements Reading<T>, LaneOwner<T, R> {
  readonly token: Token;
  readonly plan: FlowPlan;
  /** All failures, in the order of time. */
  readonly errors: unknown[] = [];
  state: 'running' | 'stopping' | 'ended' = 'running';
  /** The error that stopped the flow. */
  failure: { readonly error: unknown } | undefined;
  readonly #work: Work<T, R>;
  readonly #sink: Sink<R>;
  readonly #reader: SourceReader<T>;
  #limit: number;
  readonly #attempts: Attempts<T, R>;
  readonly #repetitions: Repetitions<T> | undefined;
  readonly #reach: Reach | undefined;
  readonly #lanes: Lanes<T, R>;
  readonly #slice: Slice;
  readonly #progress: Progress | undefined;
  readonly #context: CapturedContext;
  readonly #watch: GraceWatch;
  #unlink: (() => void) | undefined;
  #started = 0;
  #done = 0;
  #failed = 0;
  /** How many more items may start before the consumer asks for more; not counted where there is no bound. */
  #credit: number;
  readonly #isBounded: boolean;
  #filling = false;

  constructor(
    plan: FlowPlan,
    work: Work<T, R>,
    sink: Sink<R>,
    credit: number,
    parent: Token = currentToken(),
  ) {
    this.plan = plan;
    this.#work = work;
    this.#sink = sink;
    this.#isBounded = credit !== Number.POSITIVE_INFINITY;
    this.#credit = this.#isBounded ? credit : 0;
    this.#limit = Math.min(plan.limit, NO_LIMIT);
    if (plan.isElastic) this.#reach = new Reach(plan, work.body);
    this.#reader = new SourceReader(work.source, this);
    this.#lanes = new Lanes(this);
    const fill = (): void => this.enter(() => this.#fill());
    this.#slice = new Slice(fill);
    this.#repetitions = plan.retry === undefined ? undefined : new Repetitions(fill);
    this.#progress = plan.onProgress && new Progress(plan.onProgress);
    this.token = new Token(plan.name, parent, 'unit');
    (this.token.scope as OpenScope).lodge();
    this.#watch = new GraceWatch(
      this.token,
      plan.abandon ? 'abandon' : plan.grace,
      (stuck) => this.#abandon(stuck),
      (below) => this.#busy(below),
    );
    this.token.onCancel = () => this.#stopped();
    this.#context = this.token.run(captureContext);
    const home = { token: this.token, context: this.#context };
    this.#attempts = new Attempts(plan, work.body, home, fill);
    kernel.flows.add(this);
  }

  /** Opens the source and starts as many lanes as may. */
  start(): void {
    const { signal } = this.plan;
    if (signal !== undefined) this.#unlink = linkSignal(signal, this.token);
    if (this.token.effective !== undefined) {
      this.#stopped();
      return;
    }
    this.enter(() => {
      try {
        this.#reader.open();
      } catch (error) {
        this.sourceFailed(error);
        return;
      }
      this.#fill();
    });
  }

  /** Lets one more item start: the consumer has asked for a result. */
  grant(): void {
    if (this.#isBounded) this.#credit++;
    const busy = this.#lanes.running >= this.#limit || this.#slice.paused || this.#filling;
    // Entering the context costs more than the looks before it, and mostly there is nothing to start.
    if (busy || this.#reader.pulling || this.state !== 'running' || !this.#reader.isOpen) return;
    this.enter(() => this.#fill());
  }

  /** Cancels the bodies and closes the source; `failure` is what the consumer gets at the end, if it is still there. */
  stop(reason: unknown, failure?: { readonly error: unknown }): void {
    if (failure === undefined) this.failure = undefined;
    if (this.state !== 'running') return;
    this.failure = failure;
    this.token.cancel(reason);
  }

  get stats(): FlowStats {
    return {
      pulled: this.#reader.pulled,
      running: this.#lanes.running,
      done: this.#done,
      failed: this.#failed,
      waiting: this.#sink.waiting,
    };
  }

  /** Bodies, pulls and closings that wait for something the library knows nothing of; see `kernel`. */
  get foreign(): number {
    const reading = this.#reader.isBusy ? 1 : 0;
    return this.#lanes.running + reading + this.token.balance;
  }

  /** What ended the flow before its time; asked for when all has ended. */
  verdict(): { readonly error: unknown } | undefined {
    if (this.failure !== undefined) return this.failure;
    const cancelled = this.token.effective;
    // If every item has its outcome, the cancellation came too late to cut anything short.
    const complete = this.#reader.exhausted && this.#done + this.#failed === this.#reader.pulled;
    if (cancelled === undefined || complete) return undefined;
    const { signal } = this.plan;
    // The option is the caller's: it gets its own reason back.
    const isAbort = signal !== undefined && isStoppedBy(signal, this.token);
    return { error: isAbort ? signal.reason : cancelled };
  }

  /** All failures as one error, for a flow that went on after them. */
  aggregate(): { readonly error: unknown } | undefined {
    if (this.errors.length === 0) return undefined;
    const message = `${this.errors.length} of ${this.#reader.pulled} items failed in ${this.plan.name}`;
    return { error: new AggregateError(this.errors, message) };
  }

  get sourceName(): string {
    return `the source of ${this.plan.name}`;
  }

  enter<V>(fn: () => V): V {
    return this.#context.runInAsyncScope(fn);
  }

  /** Starts items while there is room. Never runs twice at once, however the user's code calls back. */
  #fill(): void {
    if (this.#filling) return;
    this.#filling = true;
    if (this.#reach !== undefined) this.#stretch(this.#reach.grown());
    try {
      while (this.#hasRoom()) {
        if (!this.#startNext()) break;
        this.#slice.tick();
      }
      if (this.#work.pullsAhead === true && this.state === 'running' && !this.#slice.paused) {
        this.#reader.look();
      }
    } finally {
      this.#filling = false;
    }
    if (this.#reader.exhausted || this.state !== 'running') this.#endIfOver();
  }

  /** Has more, or fewer, items at work than before. */
  #stretch(more: number): void {
    this.#limit += more;
    if (this.#isBounded && this.plan.hasOwnBuffer) this.#credit += more;
  }

  #hasRoom(): boolean {
    const free = this.#lanes.running < this.#limit && !this.#attempts.areHeld;
    return free && this.state === 'running' && !this.#slice.paused;
  }

  /** Starts an item that is to be tried again, or a new one; false when there is none now. */
  #startNext(): boolean {
    const again = this.#repetitions?.shift();
    if (again !== undefined) {
      this.#begin(again.item, again.index, again.course);
      return true;
    }
    if ((this.#isBounded && this.#credit <= 0) || !this.#reader.look()) return false;
    const item = this.#reader.take();
    const index = this.#started++;
    if (this.#isBounded) this.#credit--;
    if (this.#work.check === undefined || this.#accepts(item, index)) {
      this.#begin(item, index, this.plan.retry?.begin());
    }
    return true;
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

  #begin(item: T, index: number, course: Course | undefined): void {
    const lane = this.#lanes.take(index);
    if (course !== undefined) {
      lane.item = item;
      lane.course = course;
    }
    let result: MaybePromise<R>;
    try {
      result = this.#attempts.make(item, index, course);
    } catch (error) {
      this.#lanes.free(lane);
      this.#itemFailed(item, index, course, error);
      return;
    }
    if (result instanceof Promise) {
      result.then(lane.ok, lane.no);
    } else if (isThenable(result)) {
      Promise.resolve(result).then(lane.ok, lane.no);
    } else {
      this.#lanes.free(lane);
      this.#itemDone(index, course, result);
    }
  }

  laneSucceeded(lane: Lane<T, R>, value: R): void {
    const { index, course } = lane;
    this.#lanes.free(lane);
    this.#itemDone(index, course, value);
    this.#fill();
  }

  laneFailed(lane: Lane<T, R>, error: unknown): void {
    const { index, course, item } = lane;
    this.#lanes.free(lane);
    this.#itemFailed(item as T, index, course, error);
    this.#fill();
  }

  #itemDone(index: number, course: Course | undefined, value: R): void {
    this.#done++;
    course?.succeeded();
    this.#sink.value(index, value);
    if (this.#progress !== undefined) this.#tellProgress();
  }

  #itemFailed(item: T, index: number, course: Course | undefined, error: unknown): void {
    if (this.state !== 'running') {
      if (!isCancelled(error)) this.errors.push(error);
    } else if (course === undefined) {
      this.#failedForGood(index, error);
    } else {
      let delay: number;
      try {
        delay = course.delayAfter(error);
      } catch (last) {
        this.#failedForGood(index, last);
        return;
      }
      this.#repetitions?.add({ item, index, course, error }, delay);
    }
  }

  #failedForGood(index: number, error: unknown): void {
    const reported = this.#work.bodyError?.(error, index) ?? error;
    this.#failed++;
    // An error that is handed out is the consumer's: keeping it too would keep one for every failure of an endless source.
    if (!this.#sink.takesErrors) this.errors.push(reported);
    if (this.plan.goesOn) this.#sink.error(index, reported);
    else this.stop(reported, { error: reported });
    if (this.#progress !== undefined) this.#tellProgress();
  }

  #tellProgress(isEnd = false): void {
    try {
      this.#progress?.tell(() => this.stats, isEnd);
    } catch (error) {
      this.errors.push(error);
      if (this.state === 'ended') this.failure ??= { error };
      else this.stop(error, { error });
    }
  }

  arrived(): void {
    if (this.state === 'running') this.#fill();
    else this.#endIfOver();
  }

  sourceFailed(error: unknown): void {
    if (this.state === 'running') {
      const reported = this.#work.sourceError?.(error) ?? error;
      this.errors.push(reported);
      this.stop(reported, { error: reported });
    } else if (!isCancelled(error)) this.errors.push(error);
    this.#endIfOver();
  }

  sourceClosed(failed?: { readonly error: unknown }): void {
    if (failed !== undefined && !isCancelled(failed.error)) {
      this.errors.push(failed.error);
      this.failure ??= failed;
    }
    this.#endIfOver();
  }

  /** The token was cancelled: by `stop`, by a signal, or by whatever is around. */
  #stopped(): void {
    if (this.state !== 'running') return;
    this.state = 'stopping';
    this.#watch.start();
    for (const error of this.#repetitions?.clear() ?? []) this.errors.push(error);
    this.#reader.close(this.token.effective?.reason);
    this.#endIfOver();
  }

  #endIfOver(): void {
    if (this.state === 'ended' || this.#lanes.running > 0 || this.#filling) return;
    if (this.state === 'stopping') {
      if (this.#reader.isClosed) this.#end();
    } else if (this.#reader.exhausted && (this.#repetitions?.length ?? 0) === 0) this.#end();
  }

  #end(): void {
    this.state = 'ended';
    if (this.#progress !== undefined) this.#tellProgress(true);
    this.#watch.stop();
    this.#unlink?.();
    kernel.flows.delete(this);
    this.token.close();
    this.#lanes.clear();
    this.#sink.end();
    leaveHost(this.token, this.token.scope as OpenScope);
  }

  /** The time is over for what is alive. */
  #abandon(stuck: StuckTasks): void {
    if (this.plan.abandon) {
      abandonFlow(this.token);
      // So does the place where the source is closed: it goes on unseen, and is listed.
      this.#lanes.leave(this.plan.name);
    } else {
      this.#reader.abandon(stuck);
      this.errors.push(stuck);
      // The caller gets the error that is there already, and `map` has no `errors` to look at.
      if (this.failure !== undefined && !isLeftBehind(this.token)) warn(stuck);
      this.failure ??= { error: stuck };
    }
    if (this.state !== 'ended') this.#end();
  }

  /** Names the items at work, for a report, unless what they have started says it better; the source is there if it does not close. */
  #busy(below: readonly StuckTask[]): string[] {
    if (below.some(({ name }) => name !== this.sourceName)) return [];
    return this.#lanes.indexes.map((index) => `${this.plan.name}[${index}]`);
  }
}
