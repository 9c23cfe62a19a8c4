/**
 * The engine of Effect fibers.
 *
 * @module
 */
import type { Cause } from 'effect/Cause';
import type { Context as Services } from 'effect/Context';
import type { Effect } from 'effect/Effect';
import type { Exit } from 'effect/Exit';
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
import { FiberRun } from './fiber-run.ts';
import { GeneratorDrive, isGenerator } from './generator.ts';
import type { FiberServices } from './services.ts';

/** Starts a fiber with the services of one engine. */
type Fork = (effect: Effect<unknown, unknown>) => Fiber<unknown, unknown>;

/** What an engine has when it can run fibers. */
interface Ready {
  readonly library: EffectLibrary;
  readonly fork: Fork;
}

/** How one call is named and told to end. */
interface RunOptions {
  readonly name: string;
  readonly index: number;
  readonly attempt: number;
  readonly grace: number;
  readonly extras: Readonly<Record<string, unknown>> | undefined;
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

  submit<A extends readonly unknown[], R>(
    fn: (...args: [...A, ...never[]]) => MaybePromise<R>,
    args: A,
    call: Call,
  ): Promise<R> {
    if (this.#closed)
      return Promise.reject(new EngineClosed('Cannot run a fiber: its engine was closed'));
    const body = fn as unknown as AnyBody;
    const ready = this.#ready;
    const result =
      ready === undefined ? this.#later(body, args, call) : submit(ready, body, args, call);
    return result as Promise<R>;
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
    return submit(ready, body, args, call);
  }

  async #prepare(): Promise<Ready> {
    const library = await loadEffect();
    const services = (await this.#services?.open(library)) ?? library.context.empty();
    const fork = library.effect.runForkWith(withClock(library, services as Services<never>));
    this.#ready = { library, fork };
    return this.#ready;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#services === undefined) return;
    this.#closed = true;
    await this.#services.close();
  }
}

function submit(
  ready: Ready,
  body: AnyBody,
  args: readonly unknown[],
  call: Call,
): Promise<unknown> {
  const {
    index = 0,
    attempt = 1,
    name = body.name || 'fiber',
    signal,
    timeout,
    grace,
    extras,
  } = call;
  const token = currentToken();
  const options: RunOptions = {
    name,
    index,
    attempt,
    extras,
    grace: grace === undefined ? DEFAULT_GRACE : toMilliseconds(grace, 'grace'),
  };
  // A flow and a waiter give the signal of the token at hand: what cancels the one cancels the other.
  if (timeout === undefined && (signal === undefined || signal === token.signal)) {
    return run(ready, body, args, token, options);
  }
  const bounds = { name: `${name}[${index}]`, signal, timeout, grace: options.grace };
  return OpenScope.attempt(bounds, (scope) => run(ready, body, args, scope.token, options));
}

/** Calls a body in the frame at hand and runs what it gives. */
function run(
  ready: Ready,
  body: AnyBody,
  args: readonly unknown[],
  token: Token,
  options: RunOptions,
): Promise<unknown> {
  if (token.effective !== undefined) return Promise.reject(token.effective);
  const { library } = ready;
  let given: unknown;
  try {
    given = body(...args, CallContext.with(token, options.index, options.attempt, options.extras));
    if (isGenerator(given)) given = new GeneratorDrive(library, given).run();
    else if (isThenable(given) && !library.effect.isEffect(given))
      return promised(given, token, options);
  } catch (error) {
    return Promise.reject(error);
  }
  if (!library.effect.isEffect(given)) return Promise.resolve(given);
  const fiber = ready.fork(given as Effect<unknown, unknown>);
  const exit = fiber.pollUnsafe();
  if (exit === undefined) return watched(library, fiber, token, options);
  if (exit._tag === 'Success') return Promise.resolve(exit.value);
  return Promise.reject(errorOf(library, exit.cause, token, options.name));
}

function watched(
  library: EffectLibrary,
  fiber: Fiber<unknown, unknown>,
  token: Token,
  { name, index, grace }: RunOptions,
): Promise<unknown> {
  const work = {
    interrupt: () => fiber.interruptUnsafe(),
    whenEnded(done: (value: unknown) => void, failed: (error: unknown) => void): void {
      fiber.addObserver((exit: Exit<unknown, unknown>) => {
        if (exit._tag === 'Success') done(exit.value);
        else failed(errorOf(library, exit.cause, token, name));
      });
    },
  };
  return new FiberRun(`${name}[${index}]`, token, work, grace).promise;
}

/** An ordinary async function: its own waits tell it to stop. */
function promised(
  given: PromiseLike<unknown>,
  token: Token,
  { name, index, grace }: RunOptions,
): Promise<unknown> {
  const work = {
    interrupt: () => undefined,
    whenEnded: (done: (value: unknown) => void, failed: (error: unknown) => void): void => {
      given.then(done, failed);
    },
  };
  return new FiberRun(`${name}[${index}]`, token, work, grace).promise;
}

/** What a call rejects with: the failure itself, or a `Cancelled` for an interruption. */
function errorOf(
  library: EffectLibrary,
  cause: Cause<unknown>,
  token: Token,
  name: string,
): unknown {
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
  const interrupted = Cancelled.create('the fiber was interrupted', name, undefined);
  keepCause(interrupted, cause);
  return library.cause.hasInterrupts(cause) ? interrupted : library.cause.squash(cause);
}
