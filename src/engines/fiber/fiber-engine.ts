/**
 * The engine of Effect fibers.
 *
 * @module
 */

import type { Context as Services } from 'effect/Context';
import type { Effect } from 'effect/Effect';
import type { Failure } from 'effect/Exit';
import type { Fiber } from 'effect/Fiber';
import { isThenable } from '../../core/arguments.ts';
import { CallContext, type Context, type MaybePromise } from '../../core/context.ts';
import {
  type Call,
  checkSubmission,
  type Engine,
  type Lane,
  loopCapacity,
} from '../../core/engine.ts';
import { Cancelled, isCancelled } from '../../core/errors.ts';
import { functionName } from '../../core/function-name.ts';
import { OpenScope } from '../../core/open-scope.ts';
import { show } from '../../core/shown.ts';
import { currentFrame, inFrame, tokenOf } from '../../core/token.ts';
import { EngineClosed } from '../pool/engine-closed.ts';
import { BodyFrame, nameOf } from './body-frame.ts';
import { keepCause } from './cause-of.ts';
import { Crew } from './crew.ts';
import { type EffectLibrary, loadEffect } from './effect-library.ts';
import { withClock } from './fiber-clock.ts';
import { type ErrorOf, FiberRun, PromiseRun } from './fiber-run.ts';
import { withScheduler } from './fiber-scheduler.ts';
import { GeneratorDrive, isGenerator } from './generator.ts';
import type { FiberServices } from './services.ts';

/** What an engine has when it can run fibers. */
interface Ready {
  readonly library: EffectLibrary;
  /** Starts a fiber with the services of the engine. */
  readonly fork: (effect: Effect<unknown, unknown>) => Fiber<unknown, unknown>;
  readonly errorOf: ErrorOf;
  readonly crew: Crew | undefined;
}

type AnyEffect = Effect<unknown, unknown>;
type AnyFiber = Fiber<unknown, unknown>;
type AnyBody = (...args: unknown[]) => unknown;

/** Runs bodies as fibers of this event loop. */
export class FiberEngine implements Engine {
  readonly name = 'fiber';
  readonly capacity: number = loopCapacity();
  readonly #services: FiberServices | undefined;
  /** Undefined where nobody waits for its end. */
  readonly #crew: Crew | undefined;
  #ready: Ready | undefined;
  #preparing: Promise<Ready> | undefined;
  #closed = false;
  #released: Promise<void> | undefined;

  /** @param services undefined for the engine of the process, which nobody closes */
  constructor(services: FiberServices | undefined) {
    this.#services = services;
    this.#crew = services && new Crew();
  }

  async submit<R>(
    fn: (...args: never) => MaybePromise<R>,
    args: readonly unknown[],
    call: Call,
  ): Promise<R> {
    checkSubmission(fn, args, call);
    if (this.#closed) {
      const name = functionName(fn) || 'a function';
      throw new EngineClosed(
        `Cannot run ${name} in ${this.name}: the engine was disposed; make a new one`,
      );
    }
    this.#crew?.enter();
    try {
      const ready = this.#ready ?? (await this.#getReady());
      return (await begin(ready, fn as unknown as AnyBody, args, call)) as R;
    } finally {
      this.#crew?.leave();
    }
  }

  /**
   * Effects run in the frame of the flow, as a flow of this loop runs its functions: a frame each would cost as much as a small Effect. A
   * function that has given one is called there, too, from then on, unless it has looked for a scope.
   */
  laneOf<T, R>(fn: Lane<T, R>, call: Call): Lane<T, R> {
    const body = fn as AnyBody;
    let givesEffects = false;
    const leaves = ({ scope }: BodyFrame): boolean => {
      givesEffects = scope === undefined;
      return givesEffects;
    };
    const frameOf = (index: number): BodyFrame =>
      new BodyFrame(currentFrame(), call, index, this.#crew);
    const first = (item: T, context: Context): unknown => {
      const ready = this.#ready;
      if (ready === undefined || this.#closed || call.timeout !== undefined) {
        const { signal, index, attempt } = context;
        const one = { ...call, signal, index, attempt };
        return this.submit(fn, [item], one);
      }
      return this.#counted(run(ready, frameOf(context.index), body, [item, context], leaves));
    };
    const other = (ready: Ready, given: unknown, { index }: Context): unknown => {
      const effect = effectOf(ready, given);
      givesEffects = effect !== undefined;
      const frame = frameOf(index);
      return this.#counted(
        effect === undefined ? settled(given, frame) : conclude(ready, ready.fork(effect), frame),
      );
    };
    const later = (ready: Ready, fiber: AnyFiber, { index }: Context): unknown =>
      this.#counted(conclude(ready, fiber, frameOf(index)));
    // What is called for each item is kept small: small Effects are quick.
    const lane = (item: T, context: Context): unknown => {
      const ready = this.#ready;
      if (ready === undefined || !givesEffects || this.#closed) return first(item, context);
      const given = body(item, context);
      if (!ready.library.effect.isEffect(given)) return other(ready, given, context);
      const fiber = ready.fork(given as AnyEffect);
      const exit = fiber.pollUnsafe();
      return exit?._tag === 'Success' ? exit.value : later(ready, fiber, context);
    };
    return lane as Lane<T, R>;
  }

  #counted(given: unknown): unknown {
    const crew = this.#crew;
    if (crew === undefined || !isThenable(given)) return given;
    crew.enter();
    given.then(crew.leave, crew.leave);
    return given;
  }

  async #getReady(): Promise<Ready> {
    this.#preparing ??= this.#prepare();
    try {
      return await this.#preparing;
    } catch (error) {
      this.#preparing = undefined;
      throw error;
    }
  }

  async #prepare(): Promise<Ready> {
    const library = await loadEffect();
    const given = (await this.#services?.open(library)) ?? library.context.empty();
    const services = withScheduler(library, withClock(library, given as Services<never>));
    const fork = library.effect.runForkWith(services);
    this.#ready = { library, fork, errorOf: errorsOf(library), crew: this.#crew };
    return this.#ready;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#services === undefined) return;
    this.#crew?.refuseInside();
    this.#closed = true;
    await this.#crew?.ended();
    this.#released ??= this.#services.close();
    await this.#released;
  }

  static {
    show(FiberEngine.prototype, (engine) => ({
      what: 'engine fiber',
      state: engine.#closed ? 'closed' : undefined,
      atOnce: engine.capacity,
    }));
  }
}

function begin(ready: Ready, body: AnyBody, args: readonly unknown[], call: Call): unknown {
  const { signal, timeout, grace, index = 0, attempt = 1, extras, site } = call;
  const start = (frame: BodyFrame): unknown => {
    const cancelled = frame.here.effective;
    if (cancelled !== undefined) throw cancelled;
    return run(ready, frame, body, [...args, CallContext.with(frame, index, attempt, extras)]);
  };
  const around = currentFrame();
  // A flow and a waiter give the signal of the token at hand: what cancels the one cancels the other.
  if (timeout === undefined && (signal === undefined || tokenOf(around).hasSignal(signal))) {
    return start(new BodyFrame(around, call, index, ready.crew));
  }
  const options = { name: nameOf(call, index), signal, timeout, grace };
  return OpenScope.run(
    options,
    ({ token }) => {
      ready.crew?.tokens.add(token);
      return start(new BodyFrame(token, call, index, ready.crew));
    },
    site,
  );
}

/**
 * Calls a body in its frame, and runs what it gives.
 *
 * @param leaves whether an Effect runs in the frame of whoever called instead
 */
function run(
  ready: Ready,
  frame: BodyFrame,
  body: AnyBody,
  args: readonly unknown[],
  leaves?: (frame: BodyFrame) => boolean,
): unknown {
  let given: unknown;
  let outside: AnyEffect | undefined;
  try {
    given = inFrame(frame, () => {
      const gave = body(...args);
      const effect = effectOf(ready, gave);
      if (effect === undefined) return gave;
      if (leaves?.(frame) !== true) return conclude(ready, ready.fork(effect), frame);
      outside = effect;
      return undefined;
    });
    if (outside !== undefined) given = conclude(ready, ready.fork(outside), frame);
  } catch (error) {
    if (frame.scope === undefined) {
      frame.end();
      throw error;
    }
    frame.scope.reject(error);
    return frame.scope.result;
  }
  return settled(given, frame);
}

/** What whoever called is given for a value: it, or a promise that settles when what the body has started has ended. */
function settled(given: unknown, frame: BodyFrame): unknown {
  if (frame.occupant?.promise === given && given !== undefined) return given;
  if (frame.scope !== undefined) {
    frame.scope.resolve(given);
    return frame.scope.result;
  }
  if (isThenable(given)) return new PromiseRun(frame, given).promise;
  frame.end();
  return given;
}

/** What a fiber can run of what a body has given. */
function effectOf({ library }: Ready, given: unknown): AnyEffect | undefined {
  if (library.effect.isEffect(given)) return given as AnyEffect;
  return isGenerator(given) ? new GeneratorDrive(library, given).run() : undefined;
}

/** The value of a fiber that has ended already, or a promise of it. */
function conclude(ready: Ready, fiber: AnyFiber, frame: BodyFrame): unknown {
  const exit = fiber.pollUnsafe();
  if (exit === undefined) return new FiberRun(frame, fiber, ready.errorOf).promise;
  if (exit._tag === 'Success') return exit.value;
  throw ready.errorOf(exit, frame.here, frame.name);
}

/** What a call rejects with: the failure itself, or a `Cancelled` for an interruption. */
function errorsOf(library: EffectLibrary): ErrorOf {
  return (exit, token, name) => {
    const { cause } = exit as Failure<unknown, unknown>;
    const cancelled = token.effective;
    for (const reason of cause.reasons) {
      if (reason._tag === 'Interrupt') continue;
      const error = reason._tag === 'Fail' ? reason.error : reason.defect;
      // A wait of ours in a finalizer: it was told of the same cancellation.
      if (cancelled !== undefined && isCancelled(error)) continue;
      keepCause(error, cause);
      return error;
    }
    if (cancelled !== undefined) return cancelled;
    if (!library.cause.hasInterrupts(cause)) return library.cause.squash(cause);
    const interrupted = Cancelled.create('the fiber was interrupted', name, undefined);
    keepCause(interrupted, cause);
    return interrupted;
  };
}
