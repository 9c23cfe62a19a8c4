/**
 * Limiters that live elsewhere: the turn is waited for and held there, the functions run here.
 *
 * @module
 */
import { describe, requireFunction } from '../../core/arguments.ts';
import { begin } from '../../core/begin.ts';
import { BOUND_NAMES, type WaitBounds } from '../../core/bounds.ts';
import { CallContext, type Context, type MaybePromise, type Thunk } from '../../core/context.ts';
import type { NamesOf } from '../../core/known-options.ts';
import { type Wrappable, type Wrapped, wrapped } from '../../core/likeness.ts';
import type { Lease } from '../../core/limiter.ts';
import { show } from '../../core/shown.ts';
import { hasSignal, underBounds } from '../../core/under-signal.ts';
import type { Borrower } from './borrower.ts';
import type { RunnerState } from './lent-runner.ts';
import { RemoteObject } from './remote-object.ts';
import { RemoteRun } from './remote-run.ts';

/** Options of `run`, of all limiters: those with a function in them cannot be sent. */
interface RunOptions extends WaitBounds {
  readonly [option: string]: unknown;
}

/** What can run functions when it is their turn. */
export class RemoteRunner extends RemoteObject {
  protected readonly label: string = 'limiter';
  readonly paces: boolean;
  readonly #runs = new Map<number, RemoteRun<unknown>>();

  constructor(borrower: Borrower, id: number, state: RunnerState) {
    super(borrower, id);
    this.paces = state.paces;
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
  async run<R>(fn: Thunk<R>, options: RunOptions = {}): Promise<R> {
    requireFunction(fn, 'fn');
    this.borrower.requireOpen('run a function under a limiter');
    if (hasSignal(options)) {
      return underBounds(options, undefined, this.label, (others) => this.run(fn, others));
    }
    if (!isComparable(options.key)) throw notComparable('key', options.key);
    return this.#start(fn, 'run', [toSend(options)]);
  }

  async #start<R>(fn: Thunk<R>, method: string, args: readonly unknown[]): Promise<R> {
    this.borrower.requireOpen('run a function under a limiter');
    const run = new RemoteRun<R>(fn, (result) =>
      this.borrower.tell(this.id, 'ran', [run.question, ...result]),
    );
    try {
      return await run.start((answered) => {
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

  with<R>(fn: Thunk<R>, bounds?: WaitBounds): Promise<R> {
    return this.run(fn, bounds as RunOptions | undefined);
  }

  /** Where the limiter paces, the arguments go there too: they may decide on whose account the call goes. */
  wrap<T, P extends readonly unknown[], R>(fn: Wrappable<T, P, R>): Wrapped<T, P, R> {
    return wrapped(fn, (call, args) =>
      this.paces ? this.#start(call, 'wrapped', args) : this.run(call),
    );
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
    fn: Thunk<R>,
    amount?: number | WaitBounds,
    bounds?: WaitBounds,
  ): Promise<R> {
    if (typeof amount !== 'number') return super.with(fn, amount);
    requireFunction(fn, 'fn');
    if (hasSignal(bounds)) {
      return underBounds(bounds, undefined, this.label, (others) => this.with(fn, amount, others));
    }
    const lease = await this.acquire(amount, bounds);
    try {
      return await begin(fn);
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

/** What is no bound of the wait, or may be none (a limit of the attempt), is the limiter's. */
function toSend(options: RunOptions): RunOptions {
  const sent: Record<string, unknown> = {};
  // Bounds with a signal are inherited from, and those that are a context have nothing for the limiter.
  for (const name in options) if (name !== 'signal') sent[name] = options[name];
  return options instanceof CallContext ? {} : sent;
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
    const call = (context: Context): MaybePromise<unknown> => fn(...args, context);
    return runner.run(typeof fn === 'function' ? call : (fn as typeof call));
  };
  show(limit, () => ({ what: 'limiter of another thread or process' }));
  return Object.assign(limit, {
    paces: runner.paces,
    run: runner.run.bind(runner),
    wrap: runner.wrap.bind(runner),
    ready: runner.ready.bind(runner),
  });
}
