/**
 * One attempt at one item: where it runs, how long it may take, and its turn at the pace. A flow without these options calls the
 * user's function directly.
 *
 * @module
 */
import { CallContext } from '../core/context.ts';
import { OpenScope } from '../core/open-scope.ts';
import type { Token } from '../core/token.ts';
import type { FlowPlan, Mapper } from './options.ts';

/** Puts engine, time-out and pace around the user's function, where they were asked for. */
export function bodyOf<T, R>(plan: FlowPlan, fn: Mapper<T, R>, token: Token): Mapper<T, R> {
  const placed = plan.engine === undefined ? limited(plan, fn) : onEngine(plan, fn, token);
  const { pace } = plan;
  if (pace === undefined) return placed;
  return (item, context) => pace.run(() => placed(item, context));
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
