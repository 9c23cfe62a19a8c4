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
import { CallContext, type MaybePromise } from '../../core/context.ts';
import { toMilliseconds } from '../../core/duration.ts';
import { type Call, type Engine, type Lane, loopCapacity } from '../../core/engine.ts';
import { Cancelled, isCancelled } from '../../core/errors.ts';
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

type AnyEffect = Effect<unknown, unknown>;
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
    const ready = this.#ready ?? (await this.#getReady());
    if (this.#closed) throw new EngineClosed('Cannot run a fiber: its engine was closed');
    return begin(ready, fn as unknown as AnyBody, args, call) as MaybePromise<R>;
  }

  laneOf<T, R>(fn: Lane<T, R>, call: Call): Lane<T, R> {
    return (item, context) => {
      const ready = this.#ready;
      if (ready === undefined || this.#closed || call.timeout !== undefined) {
        const { signal, index, attempt } = context;
        return this.submit<readonly [T], R>(fn as never, [item], {
          ...call,
          signal,
          index,
          attempt,
        });
      }
      return finish(ready, fn(item, context), call, context.index) as MaybePromise<R>;
    };
  }

  async #getReady(): Promise<Ready> {
    if (this.#closed) throw new EngineClosed('Cannot run a fiber: its engine was closed');
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
  const { signal, timeout, grace, index = 0, attempt = 1, extras } = call;
  if (grace !== undefined) toMilliseconds(grace, 'grace');
  const run = (token: Token): unknown => {
    if (token.effective !== undefined) throw token.effective;
    const context = CallContext.with(token, index, attempt, extras);
    return finish(ready, body(...args, context), call, index);
  };
  const token = currentToken();
  // A flow and a waiter give the signal of the token at hand: what cancels the one cancels the other.
  if (timeout === undefined && (signal === undefined || signal === token.signal)) return run(token);
  const options = { name: nameOf(call, index), signal, timeout, grace };
  return OpenScope.attempt(options, async (scope) => run(scope.token));
}

/** Runs what a body has given, in the frame at hand. */
function finish(ready: Ready, given: unknown, call: Call, index: number): unknown {
  const { effect } = ready.library;
  if (effect.isEffect(given)) return runEffect(ready, given as AnyEffect, call, index);
  if (isGenerator(given)) {
    return runEffect(ready, new GeneratorDrive(ready.library, given).run(), call, index);
  }
  return isThenable(given) ? new PromiseRun(currentToken(), call, index, given).promise : given;
}

function runEffect(ready: Ready, effect: AnyEffect, call: Call, index: number): unknown {
  const fiber = ready.fork(effect);
  const exit = fiber.pollUnsafe();
  if (exit === undefined) {
    return new FiberRun(currentToken(), call, index, fiber, ready.errorOf).promise;
  }
  if (exit._tag === 'Success') return exit.value;
  throw ready.errorOf(exit, currentToken(), nameOf(call, index));
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
