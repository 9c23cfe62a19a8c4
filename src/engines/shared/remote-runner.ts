/**
 * Limiters that live elsewhere: the turn is waited for and held there, the functions run here.
 *
 * @module
 */
import { describe, requireFunction } from '../../core/arguments.ts';
import { BOUND_NAMES, type WaitBounds } from '../../core/bounds.ts';
import type { MaybePromise } from '../../core/context.ts';
import { isPlain, type NamesOf } from '../../core/known-options.ts';
import type { Lease } from '../../core/limiter.ts';
import { show } from '../../core/shown.ts';
import type { Borrower } from './borrower.ts';
import type { RunnerState } from './lent-runner.ts';
import { RemoteObject } from './remote-object.ts';
import { RemoteRun } from './remote-run.ts';

type Fn<R> = (...args: never[]) => MaybePromise<R>;

/** Options of `run`, of all limiters: those with a function in them cannot be sent. */
interface RunOptions extends WaitBounds {
  readonly [option: string]: unknown;
}

/** What can run functions when it is their turn. */
export class RemoteRunner extends RemoteObject {
  protected readonly label: string = 'limiter';
  readonly paces: boolean;
  readonly #callable: boolean;
  readonly #runs = new Map<number, RemoteRun<unknown>>();

  constructor(borrower: Borrower, id: number, state: RunnerState) {
    super(borrower, id);
    this.paces = state.paces;
    this.#callable = state.callable;
    borrower.listen(id, { event: (what) => this.#event(what as [string, number, unknown]) });
  }

  #event([what, question, reason]: [string, number, unknown]): void {
    const run = this.#runs.get(question);
    if (what === 'stop') run?.stop(reason);
    else if (run === undefined)
      this.borrower.tell(this.id, 'ran', [question, RemoteRun.unwanted()]);
    else run.turn();
  }

  /** Runs `fn` here when its turn has come there, and holds the turn until it has settled. */
  run<R>(fn: Fn<R>, options: RunOptions = {}): Promise<R> {
    // What is no bound of the wait, or may be none (a limit of the attempt), is the limiter's.
    // Names that it does not know are refused there; of a context that was passed on, nothing but its signal is meant.
    const { signal, ...others } = isPlain(options) ? options : { signal: options.signal };
    if (!isComparable(others.key)) return Promise.reject(notComparable('key', others.key));
    return this.#start(fn, 'run', [others], { signal });
  }

  async #start<R>(
    fn: Fn<R>,
    method: string,
    args: readonly unknown[],
    bounds: WaitBounds,
  ): Promise<R> {
    requireFunction(fn, 'fn');
    this.borrower.requireOpen('run a function under a limiter');
    const run = new RemoteRun<R>(fn, this.#callable, (result) =>
      this.borrower.tell(this.id, 'ran', [run.question, ...result]),
    );
    try {
      return await run.start(bounds, (answered) => {
        const question = this.borrower.pose(this.id, method, args, answered);
        this.#runs.set(question, run);
        return {
          question,
          takeBack: () => this.borrower.takeBack(question, true),
          stop: () => this.borrower.takeBack(question, false),
        };
      });
    } finally {
      this.#runs.delete(run.question);
    }
  }

  with<R>(fn: () => MaybePromise<R>, bounds?: WaitBounds): Promise<R> {
    return this.run(fn, bounds as RunOptions | undefined);
  }

  /** Where the limiter paces, the arguments go there too: they may decide on whose account the call goes. */
  wrap<A extends unknown[], R>(fn: (...args: A) => MaybePromise<R>): (...args: A) => Promise<R> {
    requireFunction(fn, 'fn');
    return (...args) => {
      const call = (): MaybePromise<R> => fn(...args);
      return this.paces ? this.#start(call, 'wrapped', args, {}) : this.run(call);
    };
  }

  /** Waits until a call would start without waiting. */
  ready(bounds?: WaitBounds): Promise<void> {
    return this.awaited('ready', [], bounds);
  }
}

/** What can also be acquired: locks, semaphores. */
export class RemoteLimiter extends RemoteRunner {
  /** @param amount for a semaphore how many permits; or the bounds */
  async acquire(amount?: number | AcquireBounds, bounds?: WaitBounds): Promise<Lease> {
    const [args, within] =
      typeof amount === 'number' ? [[amount], bounds] : [borrowerIn(amount), amount];
    if (typeof amount === 'object' && !isComparable(amount.onBehalfOf)) {
      throw notComparable('onBehalfOf', amount.onBehalfOf);
    }
    const question = this.borrower.nextQuestion;
    await this.awaited<void>('acquire', args, within, ACQUIRE_NAMES);
    return new RemoteLease(this.borrower, this.id, question);
  }

  override async with<R>(
    fn: () => MaybePromise<R>,
    amount?: number | WaitBounds,
    bounds?: WaitBounds,
  ): Promise<R> {
    if (typeof amount !== 'number') return super.with(fn, amount);
    requireFunction(fn, 'fn');
    const lease = await this.acquire(amount, bounds);
    try {
      return await fn();
    } finally {
      lease.release();
    }
  }

  tryAcquire(): undefined {
    return this.cannot('tryAcquire', 'await acquire()');
  }

  get acquired(): never {
    return this.cannot('acquired', 'await acquire()');
  }
}

interface AcquireBounds extends WaitBounds {
  readonly onBehalfOf?: unknown;
}

const ACQUIRE_NAMES: NamesOf<AcquireBounds> = { ...BOUND_NAMES, onBehalfOf: true };

function borrowerIn(bounds: AcquireBounds | undefined): readonly unknown[] {
  const onBehalfOf = bounds?.onBehalfOf;
  return onBehalfOf === undefined ? [] : [{ onBehalfOf }];
}

/** Is released with its call at the latest. */
class RemoteLease implements Lease {
  #borrower: Borrower | undefined;
  readonly #object: number;
  readonly #question: number;

  constructor(borrower: Borrower, object: number, question: number) {
    this.#borrower = borrower;
    this.#object = object;
    this.#question = question;
  }

  release(outcome?: 'ok' | 'drop' | 'ignore'): void {
    this.#borrower?.tell(this.#object, 'release', [this.#question, outcome]);
    this.#borrower = undefined;
  }

  [Symbol.dispose](): void {
    this.release();
  }
}

/** Whether its copy is equal to it: an object that is a key would have an account of its own at each call, and no limit. */
function isComparable(key: unknown): boolean {
  return key === null || (typeof key !== 'object' && typeof key !== 'function');
}

function notComparable(name: string, key: unknown): TypeError {
  return new TypeError(
    `Expected ${name} to be a primitive, because the limiter lives in another thread or process and would see a copy: got ${describe(key)}`,
  );
}

/** The proxy of a limiter: a function where the limiter is one. */
export function runnerProxy(borrower: Borrower, id: number, state: unknown): object {
  const { callable, leases } = state as RunnerState;
  const runner = leases
    ? new RemoteLimiter(borrower, id, state as RunnerState)
    : new RemoteRunner(borrower, id, state as RunnerState);
  if (!callable) return runner;
  const limit = (fn: (...args: unknown[]) => MaybePromise<unknown>, ...args: unknown[]) => {
    const call = (): MaybePromise<unknown> => fn(...args);
    return runner.run(typeof fn === 'function' ? call : (fn as typeof call));
  };
  show(limit, () => ({ what: 'limiter of another thread or process' }));
  return Object.assign(limit, {
    paces: runner.paces,
    run: runner.run.bind(runner),
    ready: runner.ready.bind(runner),
  });
}
