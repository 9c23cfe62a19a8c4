/**
 * One attempt at one item: where it runs, how long it may take, its turn at the pace, and the deadline that it shares with the other
 * attempts. A flow without these options calls the user's function directly.
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

/** Puts engine, time-out and pace around the user's function, where they were asked for. */
export function bodyOf<T, R>(
  plan: FlowPlan,
  fn: Mapper<T, R>,
  token: Token,
  home: CapturedContext,
): Mapper<T, R> {
  const placed = placedOf(plan, fn);
  const { pace } = plan;
  if (pace === undefined) return placed;
  return (item, context) => runThrough(pace, token, home, () => placed(item, context));
}

/** Makes one of several attempts that share a deadline. */
export type Timed<T, R> = (item: T, index: number, course: Course) => Promise<R>;

/** The same with a scope around each attempt, its turn at the pace included, which ends at the deadline of all. */
export function timedBodyOf<T, R>(plan: FlowPlan, fn: Mapper<T, R>): Timed<T, R> {
  const placed = placedOf(plan, fn);
  const { pace, name, grace, abandon } = plan;
  return (item, index, course) =>
    course.run({ name: `${name}[${index}]`, grace, abandon }, ({ token }) => {
      const context = new CallContext(token, index, course.attempt);
      const body = (): MaybePromise<R> => placed(item, context);
      return pace === undefined ? body() : runThrough(pace, token, captureContext(), body);
    });
}

function placedOf<T, R>(plan: FlowPlan, fn: Mapper<T, R>): Mapper<T, R> {
  if (plan.engine === undefined) return limited(plan, fn);
  // An engine waits for a body that does not listen, or kills it: whoever abandons keeps the time himself.
  return plan.abandon
    ? limited(plan, onEngine({ ...plan, timeout: undefined }, fn))
    : onEngine(plan, fn);
}

/**
 * Calls `body` through a limiter of the user's, and holds it to its contract: the body runs in the context of its flow, at most once, and
 * not after a cancellation; a limiter that settles without having called it is an error, not a result.
 */
export async function runThrough<R>(
  runner: Runner,
  token: Token,
  home: CapturedContext,
  body: () => MaybePromise<R>,
): Promise<R> {
  let result: { readonly value: MaybePromise<R> } | undefined;
  const value = await runner.run(
    () => {
      if (token.effective !== undefined) throw token.effective;
      result ??= { value: home.runInAsyncScope(body) };
      return result.value;
    },
    { signal: token.signal },
  );
  if (result === undefined) {
    throw new TypeError('Expected run of the limiter to call the function that it was given');
  }
  return value;
}

function onEngine<T, R>(plan: FlowPlan, fn: Mapper<T, R>): Mapper<T, R> {
  const { timeout, engineGrace: grace, name, site } = plan;
  const engine = plan.engine as Engine;
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
