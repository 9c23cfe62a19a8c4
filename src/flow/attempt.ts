/**
 * One attempt at one item: where it runs, how long it may take, and its turn at the pace. A flow without these options calls the
 * user's function directly.
 *
 * @module
 */
import { CallContext, type MaybePromise } from '../core/context.ts';
import { OpenScope } from '../core/open-scope.ts';
import type { Runner } from '../core/runner.ts';
import type { Token } from '../core/token.ts';
import type { CapturedContext } from '../runtime/context.ts';
import type { FlowPlan, Mapper } from './options.ts';

/** Puts engine, time-out and pace around the user's function, where they were asked for. */
export function bodyOf<T, R>(
  plan: FlowPlan,
  fn: Mapper<T, R>,
  token: Token,
  home: CapturedContext,
): Mapper<T, R> {
  const placed = plan.engine === undefined ? limited(plan, fn) : onEngine(plan, fn, token);
  const { pace } = plan;
  if (pace === undefined) return placed;
  return (item, context) => runThrough(pace, token, home, () => placed(item, context));
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

function onEngine<T, R>(plan: FlowPlan, fn: Mapper<T, R>, token: Token): Mapper<T, R> {
  const { engine, timeout, grace, name } = plan;
  return (item, { index, attempt }) =>
    // biome-ignore lint/style/noNonNullAssertion: called only where there is an engine.
    engine!.submit<readonly [T], R>(fn as never, [item], {
      signal: token.signal,
      timeout,
      grace,
      name,
      index,
      attempt,
    });
}

function limited<T, R>(plan: FlowPlan, fn: Mapper<T, R>): Mapper<T, R> {
  const { timeout, grace, name } = plan;
  if (timeout === undefined) return fn;
  return (item, { index, attempt }) =>
    OpenScope.attempt({ name: `${name}[${index}]`, timeout, grace }, ({ token }) =>
      fn(item, new CallContext(token, index, attempt)),
    );
}
