/**
 * The engine of this event loop: a body is a task of the scope that submitted it. It costs a scope a call, so a flow without an
 * engine, which runs bodies in place, is cheaper; this one is for code that is written against an engine.
 *
 * @module
 */

import { CallContext, type MaybePromise } from '../core/context.ts';
import { type Call, checkSubmission, type Engine, loopCapacity } from '../core/engine.ts';
import { functionName } from '../core/function-name.ts';
import { OpenScope } from '../core/open-scope.ts';
import { show } from '../core/shown.ts';
import { currentToken } from '../core/token.ts';

class LoopEngine implements Engine {
  readonly name = 'loop';
  readonly capacity: number = loopCapacity();
  readonly inPlace = true;

  async submit<R>(
    fn: (...args: never) => MaybePromise<R>,
    args: readonly unknown[],
    call: Call,
  ): Promise<R> {
    checkSubmission(fn, args, call);
    const {
      index = 0,
      attempt = 1,
      name = functionName(fn) || 'call',
      signal,
      timeout,
      grace,
      extras,
      site,
    } = call;
    const options = { name: `${name}[${index}]`, signal, timeout, grace };
    const cancelled = currentToken().effective;
    if (cancelled !== undefined) throw cancelled;
    if (signal?.aborted === true) throw signal.reason;
    const body = fn as unknown as (...all: unknown[]) => MaybePromise<R>;
    return OpenScope.run(
      options,
      ({ token }) => body(...args, CallContext.with(token, index, attempt, extras)),
      site,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Its bodies belong to the scopes that submitted them: there is nothing to release.
  }

  static {
    show(LoopEngine.prototype, ({ capacity }) => ({ what: 'engine loop', atOnce: capacity }));
  }
}

const LOOP: Engine = new LoopEngine();

/**
 * The engine that runs functions on this event loop: the default of everything, and the one to compare others with.
 *
 * @example
 * ```ts
 * import { loop, map } from 'skein';
 * import assert from 'node:assert/strict';
 *
 * assert.deepEqual(await map([1, 2], (n) => n * n, { engine: loop() }), [1, 4]);
 * ```
 */
export function loop(): Engine {
  return LOOP;
}
