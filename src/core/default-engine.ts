/**
 * The engine of those who name none, and engines that are given as a function that makes one.
 *
 * @module
 */

import { describe } from './arguments.ts';
import { type Engine, requireEngine } from './engine.ts';
import { functionName } from './function-name.ts';

/** An engine, or a function that makes one: `threads()` or `threads`. It is called once, without arguments. */
export type EngineSource = Engine | (() => Engine);

/** An engine that was asked for, and whether it was made for whoever asked. */
export interface ChosenEngine {
  readonly engine: Engine;
  /** A function made it: whoever asked for it disposes of it. An engine that belongs to the process ignores that. */
  readonly made: boolean;
}

let chosen: Engine | undefined;
let make: (() => Engine) | undefined;

/**
 * Makes an engine the default of `concurrently`, for the whole process. Work that has started stays where it is. A function is
 * called once, when the engine is first needed. The process keeps the engine: who made it disposes of it, not before another one is the default.
 *
 * @throws TypeError when it is neither an engine nor a function; what the function throws, and a TypeError when it gives no
 *   engine, come where the engine is first needed
 *
 * @example
 * ```ts
 * import { getDefaultEngine, loop, setDefaultEngine } from 'skein';
 * import assert from 'node:assert/strict';
 *
 * setDefaultEngine(loop);
 * assert.equal(getDefaultEngine().name, 'loop');
 * ```
 */
export function setDefaultEngine(engine: EngineSource): void {
  requireEngineSource(engine, 'engine');
  chosen = isEngine(engine) ? engine : undefined;
  make = isEngine(engine) ? undefined : engine;
}

/** The engine that was made the default; undefined when none was. */
export function defaultEngine(): Engine | undefined {
  if (make !== undefined) {
    chosen = madeBy(make);
    make = undefined;
  }
  return chosen;
}

/** The engine of a call, made if it has to be; undefined where neither the call nor the process has named one. */
export function chooseEngine(source: EngineSource | undefined): ChosenEngine | undefined {
  if (source === undefined) {
    const engine = defaultEngine();
    return engine && { engine, made: false };
  }
  return isEngine(source)
    ? { engine: source, made: false }
    : { engine: madeBy(source), made: true };
}

/** Requires an engine, or a function that may make one. */
export function requireEngineSource(value: unknown, name: string): void {
  if (isEngine(value) || typeof value === 'function') return;
  throw new TypeError(
    `Expected ${name} to be an engine or a function that makes one: got ${describe(value)}`,
  );
}

function isEngine(value: unknown): value is Engine {
  return typeof (value as Engine | null | undefined)?.submit === 'function';
}

function madeBy(source: () => Engine): Engine {
  const engine = source();
  requireEngine(engine, `what ${functionName(source) || 'the function given as engine'} gives`);
  return engine;
}
