/**
 * A limiter, or anything else that runs functions when it is their turn, that is lent.
 *
 * @module
 */
import { watchAbort } from '../../core/abort-watch.ts';
import type { Lease, Limiter } from '../../core/limiter.ts';
import { encodeThrown } from '../../shipping/error-codec.ts';
import { CallEnded } from './call-ended.ts';
import type { Asking, Lent, Operation } from './lent.ts';
import { thrownElsewhere } from './thrown.ts';

/** What the proxy knows from the start. */
export interface RunnerState {
  readonly paces: boolean;
  /** It is a function, as those made by `limiter()`. */
  readonly callable: boolean;
  /** It can be acquired. */
  readonly leases: boolean;
}

/** How a run ended: as its function did in the worker, which has the result or the error. */
export interface RunVerdict {
  readonly threw: boolean;
}

/** A function that runs in the worker, in whose name the turn is held here. */
interface Turn {
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

/** What a limiter gives the function, if it gives it anything. */
type Told = { readonly signal?: AbortSignal } | undefined;

type Run = (fn: (context?: Told) => unknown, options?: object) => Promise<unknown>;

/**
 * The function that gets the turn is one of ours: it tells the worker to run the real one, and lasts until the worker says how that
 * ended. So whatever the limiter does about its functions (time-outs, repetitions, sizing) it does about the real one.
 */
export class LentRunner implements Lent {
  readonly object: object;
  readonly state: RunnerState;
  readonly #notify: (what: unknown) => void;
  readonly #turns = new Map<number, Turn>();
  #over = false;

  readonly asks: Readonly<Record<string, Operation<never>>> = {
    run: { run: (_, [options], about) => this.#run(options as object, about) },
    wrapped: { run: (_, args, about) => this.#wrapped(args, about) },
    ready: {
      run: () => (this.object as { ready(): Promise<void> }).ready(),
    },
    acquire: {
      run: async (_, args, about) => {
        const acquire = (this.object as { acquire(...args: unknown[]): Promise<Lease> }).acquire;
        const lease = await acquire.apply(this.object, [...args]);
        about.keep((outcome) => lease.release(outcome as 'ok' | undefined));
      },
      drop: (_, about) => about.release(),
    },
  };

  constructor(object: object, notify: (what: unknown) => void) {
    this.object = object;
    this.#notify = notify;
    const { paces, acquire } = object as Partial<Limiter>;
    this.state = {
      paces: paces === true,
      callable: typeof object === 'function',
      leases: typeof acquire === 'function',
    };
  }

  #run(options: object, about: Asking): Promise<RunVerdict> {
    return this.#hold(about, (fn) => {
      const bounds = { ...options, signal: about.signal };
      return (this.object as { run: Run }).run(fn, bounds);
    });
  }

  /** A wrapped function may choose its account by its arguments: only the limiter knows how. */
  #wrapped(args: readonly unknown[], about: Asking): Promise<RunVerdict> {
    return this.#hold(about, (fn) => {
      const { wrap } = this.object as {
        wrap(
          fn: (...given: readonly unknown[]) => unknown,
        ): (...args: readonly unknown[]) => Promise<unknown>;
      };
      const call = (...given: readonly unknown[]): unknown => fn(given[args.length] as Told);
      return wrap.call(this.object, call)(...args);
    });
  }

  async #hold(
    about: Asking,
    start: (fn: (context?: Told) => unknown) => Promise<unknown>,
  ): Promise<RunVerdict> {
    let last: unknown;
    let unwatch: (() => void) | undefined;
    try {
      await start((context) => {
        unwatch?.();
        unwatch = undefined;
        const signal = context?.signal;
        if (signal !== undefined) {
          const stop = (): void =>
            this.#notify(['stop', about.question, encodeThrown(signal.reason)]);
          unwatch = watchAbort(signal, stop);
        }
        return this.#turn(about.question, (error) => {
          last = { error };
        });
      });
      return { threw: false };
    } catch (error) {
      // What the function threw in the worker is thrown there as it is.
      if (last !== undefined && (last as { error: unknown }).error === error)
        return { threw: true };
      throw error;
    } finally {
      unwatch?.();
    }
  }

  #turn(question: number, threw: (error: unknown) => void): Promise<void> {
    if (this.#over) return Promise.reject(new CallEnded('run a function in the worker'));
    return new Promise<void>((done, reject) => {
      const failed = (error: unknown): void => {
        threw(error);
        reject(error);
      };
      this.#turns.set(question, { done, failed });
      this.#notify(['turn', question]);
    });
  }

  /** `ran`: the function of a question has ended, with an error or without. */
  tell(_method: string, args: readonly unknown[]): void {
    const [question, ...error] = args as [number, ...unknown[]];
    const turn = this.#turns.get(question);
    this.#turns.delete(question);
    if (error.length === 0) turn?.done();
    else turn?.failed(thrownElsewhere(error[0]));
  }

  end(): void {
    this.#over = true;
    for (const turn of this.#turns.values()) {
      turn.failed(new CallEnded('run a function in the worker'));
    }
    this.#turns.clear();
  }
}
