/**
 * The engine of Effect fibers.
 *
 * @module
 */
import type { Context as Services } from 'effect/Context';
import type { Effect } from 'effect/Effect';
import type { Exit, Failure } from 'effect/Exit';
import type { Fiber } from 'effect/Fiber';
import { isThenable } from '../../core/arguments.ts';
import { CallContext, type MaybePromise } from '../../core/context.ts';
import { toMilliseconds } from '../../core/duration.ts';
import { type Call, type Engine, loopCapacity } from '../../core/engine.ts';
import { Cancelled, isCancelled } from '../../core/errors.ts';
import { DEFAULT_GRACE } from '../../core/grace.ts';
import { OpenScope } from '../../core/open-scope.ts';
import { currentToken, type Token } from '../../core/token.ts';
import { EngineClosed } from '../pool/engine-closed.ts';
import { keepCause } from './cause-of.ts';
import { type EffectLibrary, loadEffect } from './effect-library.ts';
import { withClock } from './fiber-clock.ts';
import { type ErrorOf, FiberRun, nameOf, PromiseRun } from './fiber-run.ts';
import { withScheduler } from './fiber-scheduler.ts';
import { GeneratorDrive, isGenerator } from './generator.ts';
import type { FiberServices } from './services.ts';

/** What an engine has when it can run fibers. */
interface Ready {
  readonly library: EffectLibrary;
  /** Starts a fiber with the services of the engine. */
  readonly fork: (effect: Effect<unknown, unknown>) => Fiber<unknown, unknown>;
  readonly errorOf: ErrorOf;
}

type AnyBody = (...args: unknown[]) => unknown;

/** Runs bodies as fibers of this event loop. */
export class FiberEngine implements Engine {
  readonly name = 'fiber';
  readonly capacity: number = loopCapacity();
  readonly #services: FiberServices | undefined;
  #ready: Ready | undefined;
  #preparing: Promise<Ready> | undefined;
  #closed = false;

  /** @param services undefined for the engine of the process, which nobody closes */
  constructor(services: FiberServices | undefined) {
    this.#services = services;
  }

  async submit<A extends readonly unknown[], R>(
    fn: (...args: [...A, ...never[]]) => MaybePromise<R>,
    args: A,
    call: Call,
  ): Promise<R> {
    return this.submitNow(fn, args, call);
  }

  submitNow<A extends readonly unknown[], R>(
    fn: (...args: [...A, ...never[]]) => MaybePromise<R>,
    args: A,
    call: Call,
  ): MaybePromise<R> {
    if (this.#closed) throw new EngineClosed('Cannot run a fiber: its engine was closed');
    const body = fn as unknown as AnyBody;
    const given =
      this.#ready === undefined
        ? this.#later(body, args, call)
        : begin(this.#ready, body, args, call);
    return given as MaybePromise<R>;
  }

  async #later(body: AnyBody, args: readonly unknown[], call: Call): Promise<unknown> {
    this.#preparing ??= this.#prepare();
    let ready: Ready;
    try {
      ready = await this.#preparing;
    } catch (error) {
      this.#preparing = undefined;
      throw error;
    }
    return begin(ready, body, args, call);
  }

  async #prepare(): Promise<Ready> {
    const library = await loadEffect();
    const given = (await this.#services?.open(library)) ?? library.context.empty();
    const services = withScheduler(library, withClock(library, given as Services<never>));
    const fork = library.effect.runForkWith(services);
    this.#ready = { library, fork, errorOf: errorsOf(library) };
    return this.#ready;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#services === undefined) return;
    this.#closed = true;
    await this.#services.close();
  }
}

function begin(ready: Ready, body: AnyBody, args: readonly unknown[], call: Call): unknown {
  const { signal, timeout, grace = DEFAULT_GRACE } = call;
  if (typeof grace !== 'number') toMilliseconds(grace, 'grace');
  const token = currentToken();
  // A flow and a waiter give the signal of the token at hand: what cancels the one cancels the other.
  if (timeout === undefined && (signal === undefined || signal === token.signal)) {
    return run(ready, body, args, call, token);
  }
  return OpenScope.attempt({ name: nameOf(call), signal, timeout, grace }, async (scope) =>
    run(ready, body, args, call, scope.token),
  );
}

/** Calls a body in the frame at hand and runs what it gives. */
function run(
  ready: Ready,
  body: AnyBody,
  args: readonly unknown[],
  call: Call,
  token: Token,
): unknown {
  if (token.effective !== undefined) throw token.effective;
  const { index = 0, attempt = 1, extras } = call;
  const context = CallContext.with(token, index, attempt, extras);
  const given = args.length === 1 ? body(args[0], context) : body(...args, context);
  const { effect } = ready.library;
  if (effect.isEffect(given))
    return runEffect(ready, given as Effect<unknown, unknown>, call, token);
  if (isGenerator(given)) {
    return runEffect(ready, new GeneratorDrive(ready.library, given).run(), call, token);
  }
  return isThenable(given) ? new PromiseRun(token, call, given).promise : given;
}

function runEffect(
  { library, fork, errorOf }: Ready,
  effect: Effect<unknown, unknown>,
  call: Call,
  token: Token,
): unknown {
  let exit: Exit<unknown, unknown> | undefined;
  if (library.exit.isExit(effect)) {
    exit = effect;
  } else {
    const fiber = fork(effect);
    exit = fiber.pollUnsafe();
    if (exit === undefined) return new FiberRun(token, call, fiber, errorOf).promise;
  }
  if (exit._tag === 'Success') return exit.value;
  throw errorOf(exit, token, call);
}

/** What a call rejects with: the failure itself, or a `Cancelled` for an interruption. */
function errorsOf(library: EffectLibrary): ErrorOf {
  return (exit, token, call) => {
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
    const interrupted = Cancelled.create('the fiber was interrupted', nameOf(call), undefined);
    keepCause(interrupted, cause);
    return interrupted;
  };
}
