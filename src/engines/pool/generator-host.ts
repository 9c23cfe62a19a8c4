/**
 * The worker's side of a generator: one body, which makes the generator and takes a step whenever it is asked for one.
 *
 * @module
 */
import { describe, isThenable } from '../../core/arguments.ts';
import { isCancelled } from '../../core/errors.ts';
import { currentSignal, shield } from '../../core/scopes.ts';
import { checkpoint } from '../../core/sleep.ts';
import {
  closeSource,
  isClosing,
  type OpenSource,
  openSource,
  type Source,
} from '../../core/source.ts';
import type { AnyFunction } from '../../shipping/shipment.ts';
import type { RemoteSteps, Step } from '../shared/remote-steps.ts';
import { STEP, STEPS, type StepKind } from '../shared/steps.ts';

type AnyIterator = Partial<Record<string, (value?: unknown) => unknown>>;

const METHODS: Readonly<Record<StepKind, string>> = {
  [STEP.next]: 'next',
  [STEP.more]: 'next',
  [STEP.throw]: 'throw',
  [STEP.return]: 'return',
};

/**
 * Gives the body of a call: the function, or where it is to be asked step by step one that answers until it has ended, and gives what
 * the generator returns. Takes the steps out of the context's fields.
 */
export function bodyOf(fn: AnyFunction, extras: Record<string, unknown> | undefined): AnyFunction {
  const steps = extras?.[STEPS] as RemoteSteps | undefined;
  if (extras === undefined || steps === undefined) return fn;
  delete extras[STEPS];
  return (...args: unknown[]) => generate(fn, args, steps);
}

async function generate(
  fn: AnyFunction,
  args: readonly unknown[],
  steps: RemoteSteps,
): Promise<unknown> {
  const source = openedFrom(await (fn as (...all: readonly unknown[]) => unknown)(...args));
  const stepper = new Stepper(source);
  // What the library does not wait for itself has to be told.
  const signal = source.stop === undefined ? undefined : currentSignal();
  const stop = (): void => stepper.stop(signal?.reason);
  signal?.addEventListener('abort', stop);
  steps.ready();
  try {
    return await answer(stepper, steps, signal);
  } catch (error) {
    const ending = signal?.aborted === true && isClosing(error) ? signal.reason : error;
    await stepper.close(isCancelled(ending));
    throw ending;
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

/** Answers in order, until the generator has ended: gives what it returned. */
async function answer(
  stepper: Stepper,
  steps: RemoteSteps,
  signal: AbortSignal | undefined,
): Promise<unknown> {
  try {
    for (;;) {
      const step = steps.take();
      if (step === undefined) {
        await steps.wanted();
        continue;
      }
      // It was asked for before the call was cancelled, but a step that starts now could not be stopped any more.
      if (signal?.aborted === true) throw signal.reason;
      let result = stepper.take(step);
      if (isThenable(result)) {
        steps.flushSoon();
        result = await result;
      }
      let value = stepper.valueOf(result);
      if (isThenable(value)) {
        steps.flushSoon();
        value = await value;
      }
      if (stepper.isOver) return value;
      steps.give(value);
      if (steps.isLong) {
        steps.flush();
        await checkpoint();
      }
    }
  } finally {
    // What was given comes before the end.
    steps.flush();
  }
}

function openedFrom(given: unknown): OpenSource<unknown> {
  const from = given as Partial<Record<symbol, () => AnyIterator>> | null | undefined;
  const open = from?.[Symbol.asyncIterator] ?? from?.[Symbol.iterator];
  if (typeof open !== 'function') {
    throw new TypeError(`Expected the function to give an iterable: got ${describe(given)}`);
  }
  return openSource(given as Source<unknown>);
}

/** An iterator of either kind, and whether it can still be asked. */
class Stepper {
  readonly #source: OpenSource<unknown>;
  readonly #iterator: AnyIterator;
  isOver = false;
  /** The step at work. */
  #step: PromiseLike<unknown> | undefined;

  constructor(source: OpenSource<unknown>) {
    this.#source = source;
    this.#iterator = (source.async ?? source.sync) as unknown as AnyIterator;
  }

  /** Takes a step: gives the result, or a promise of it. */
  take({ kind, value }: Step): unknown {
    const method = METHODS[kind];
    const step = this.#iterator[method];
    if (step === undefined) return this.#without(kind, value);
    // Until it has answered: one that throws has ended.
    this.isOver = true;
    const result =
      value === undefined && kind !== STEP.throw
        ? step.call(this.#iterator)
        : step.call(this.#iterator, value);
    if (isThenable(result)) this.#step = result;
    return result;
  }

  /** What it says to `return` and `throw` that has no such method. */
  #without(kind: StepKind, value: unknown): unknown {
    if (kind === STEP.throw) throw value;
    this.isOver = true;
    return { value, done: true };
  }

  /** Looks at an answer. */
  valueOf(result: unknown): unknown {
    if (typeof result !== 'object' || result === null) {
      throw new TypeError(`Expected an iterator's result to be an object: got ${describe(result)}`);
    }
    const { value, done } = result as IteratorResult<unknown>;
    this.isOver = done === true;
    this.#step = undefined;
    return value;
  }

  /** The call was cancelled: ends a step that is at work. */
  stop(reason: unknown): void {
    if (this.#step === undefined) return;
    // How that goes, the step says.
    closeSource(this.#source, this.#step, reason).catch(() => undefined);
  }

  /** Closes it, if it has not ended: its `finally` runs, also in a call that is cancelled. */
  async close(isCancellation: boolean): Promise<void> {
    if (this.isOver) return;
    this.isOver = true;
    try {
      await shield(() => closeSource(this.#source, undefined, undefined));
    } catch (error) {
      // Nobody asked for what ended it, so what went wrong since is the news.
      if (isCancellation) throw error;
    }
  }
}
