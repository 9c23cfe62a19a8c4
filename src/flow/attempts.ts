/**
 * The attempts of one flow: the user's function with all that was asked for around it. Each is let in by the limiter that is the concurrency, takes its
 * turn at the pace, and has the deadline that it shares with the other attempts at its item; then it runs where the flow runs, as long as it may.
 *
 * @module
 */
import { CallContext, type MaybePromise, type Thunk } from '../core/context.ts';
import type { Engine } from '../core/engine.ts';
import { OpenScope } from '../core/open-scope.ts';
import type { Runner } from '../core/runner.ts';
import { captureContext, type Token } from '../core/token.ts';
import type { Course } from '../pace/retry-course.ts';
import type { CapturedContext } from '../runtime/context.ts';
import { callThunk } from './inputs.ts';
import type { FlowPlan, Mapper } from './options.ts';

/** Where the attempts of a flow are made, and in which context. */
export interface Home {
  readonly token: Token;
  readonly context: CapturedContext;
}

/** Makes attempts. */
export class Attempts<T, R> {
  /** One stands at the door of the limiter, and no other may come: so nothing is pulled that could not start. */
  areHeld = false;
  readonly #plan: FlowPlan;
  readonly #home: Home;
  readonly #next: () => void;
  readonly #body: Mapper<T, R>;
  readonly #pace: Runner | undefined;
  readonly #runner: Runner | undefined;
  readonly #isTimed: boolean;

  /** @param next called when another attempt may ask to be let in */
  constructor(plan: FlowPlan, fn: Mapper<T, R>, home: Home, next: () => void) {
    this.#plan = plan;
    this.#home = home;
    this.#next = next;
    this.#pace = plan.pace;
    this.#runner = plan.runner;
    this.#isTimed = plan.retry?.isTimed === true;
    this.#body = placedOf(plan, fn);
  }

  /** Makes one at an item. */
  make(item: T, index: number, course: Course | undefined): MaybePromise<R> {
    return this.#runner === undefined
      ? this.#attempt(item, index, course)
      : this.#letIn(this.#runner, () => this.#attempt(item, index, course));
  }

  async #letIn(runner: Runner, attempt: () => MaybePromise<R>): Promise<R> {
    this.areHeld = true;
    let atDoor = true;
    const letNextGo = (): void => {
      if (!atDoor) return;
      atDoor = false;
      this.areHeld = false;
      this.#next();
    };
    try {
      return await runThrough(runner, this.#home, () => {
        const result = attempt();
        letNextGo();
        return result;
      });
    } finally {
      // Where the limiter refused, or the attempt threw before it gave a promise.
      letNextGo();
    }
  }

  #attempt(item: T, index: number, course: Course | undefined): MaybePromise<R> {
    if (course !== undefined && this.#isTimed) {
      const { name, grace, abandon } = this.#plan;
      return course.run({ name: `${name}[${index}]`, grace, abandon }, ({ token }) =>
        this.#takeTurn(item, index, course.attempt, { token, context: captureContext() }),
      );
    }
    return this.#takeTurn(item, index, course?.attempt ?? 1, this.#home);
  }

  #takeTurn(item: T, index: number, attempt: number, home: Home): MaybePromise<R> {
    const context = new CallContext(home.token, index, attempt);
    return this.#pace === undefined
      ? this.#body(item, context)
      : runThrough(this.#pace, home, () => this.#body(item, context));
  }
}

/**
 * Calls `body` through a limiter of the user's, and holds it to its contract: the body runs in the context of its flow, at most once, and
 * not after a cancellation; a limiter that settles without having called it is an error, not a result.
 */
async function runThrough<R>(
  runner: Runner,
  { token, context }: Home,
  body: () => MaybePromise<R>,
): Promise<R> {
  let result: { readonly value: MaybePromise<R> } | undefined;
  const start = (): MaybePromise<R> => {
    if (token.effective !== undefined) throw token.effective;
    result ??= { value: context.runInAsyncScope(body) };
    return result.value;
  };
  const value = await runner.run(start, { signal: token.signal });
  if (result !== undefined) return value;
  throw new TypeError('Expected run of the limiter to call the function that it was given');
}

/** Puts engine and time-out around the user's function. */
function placedOf<T, R>(plan: FlowPlan, fn: Mapper<T, R>): Mapper<T, R> {
  if (plan.engine === undefined) return limited(plan, fn);
  // An engine waits for a body that does not listen, or kills it: whoever abandons keeps the time himself.
  return plan.abandon
    ? limited(plan, onEngine({ ...plan, timeout: undefined }, plan.engine, fn))
    : onEngine(plan, plan.engine, fn);
}

function onEngine<T, R>(plan: FlowPlan, engine: Engine, fn: Mapper<T, R>): Mapper<T, R> {
  const { timeout, engineGrace: grace, name, site } = plan;
  if (engine.laneOf !== undefined) return engine.laneOf(fn, { timeout, grace, name });
  const isThunk = (fn as unknown) === callThunk;
  return (item, { signal, index, attempt }) => {
    const call = { signal, timeout, grace, name, index, attempt, site };
    return isThunk ? engine.submit(item as Thunk<R>, [], call) : engine.submit(fn, [item], call);
  };
}

function limited<T, R>(plan: FlowPlan, fn: Mapper<T, R>): Mapper<T, R> {
  const { timeout, grace, abandon, name, site } = plan;
  if (timeout === undefined) return fn;
  return (item, { index, attempt }) =>
    OpenScope.run(
      { name: `${name}[${index}]`, timeout, grace, abandon },
      ({ token }) => fn(item, new CallContext(token, index, attempt)),
      site,
    );
}
