/**
 * Finds what a test left behind.
 *
 * @module
 */
import type { MaybePromise } from '../core/context.ts';
import { kernel } from '../core/kernel.ts';
import { LeftBehind, leftBehind } from '../core/left-behind.ts';
import { rootToken, type Token } from '../core/token.ts';
import { taskTree } from '../core/tree.ts';
import { monotonicNow, nextTurn } from '../runtime/runtime.ts';

/** What is alive in the library. */
export interface Alive {
  /** Scopes, tasks, flows and waits outside all scopes, and what was left behind by `abandon`, by identity. */
  readonly things: ReadonlySet<unknown>;
  /** Pending timers on the clock in force. */
  readonly timers: number;
}

/** Takes stock of what is alive now. */
export function alive(): Alive {
  const things = new Set<unknown>();
  for (let child = rootToken.firstChild; child !== undefined; child = child.nextSibling)
    things.add(child);
  for (let wait = rootToken.firstWait; wait !== undefined; wait = wait.next) things.add(wait);
  for (const left of leftBehind()) things.add(left);
  return { things, timers: kernel.clock.timers };
}

/**
 * Describes what is alive now and was not `before`, or gives undefined when nothing is. Work that only needs to be told of its end
 * gets a few turns of the event loop for it.
 */
export async function leaksSince(before: Alive): Promise<string | undefined> {
  let report: string | undefined;
  for (let turns = 0; turns < 5; turns++) {
    report = compare(before);
    if (report === undefined) return undefined;
    await new Promise<void>((resolve) => nextTurn(resolve));
  }
  return report;
}

function compare(before: Alive): string | undefined {
  const lines: string[] = [];
  const after = alive();
  for (const thing of after.things) {
    if (before.things.has(thing)) continue;
    lines.push(lineOf(thing));
  }
  if (after.timers > before.timers) lines.push(`${after.timers - before.timers} timer(s)`);
  return lines.length === 0 ? undefined : lines.join('\n');
}

function lineOf(thing: unknown): string {
  if (thing instanceof LeftBehind) {
    return `${thing.name}, left behind ${Math.round(monotonicNow() - thing.since)} ms ago`;
  }
  if (!isToken(thing)) return 'a wait outside any scope';
  return `${thing.name} #${thing.id}\n${taskTree(thing)}`.trimEnd();
}

function isToken(thing: unknown): thing is Token {
  return 'effective' in (thing as object);
}

/**
 * Runs `body` and fails if a task, scope, flow, wait or timer of the library that it started is alive afterwards, or work that was
 * left behind because `abandon` asked for it.
 *
 * @throws Error that lists what is alive
 *
 * @example
 * ```ts
 * import { schedule, sleepForever } from 'skein';
 * import { assertNoLeaks } from 'skein/testing';
 * import assert from 'node:assert/strict';
 *
 * let task;
 * await assert.rejects(assertNoLeaks(() => { task = schedule(sleepForever, 'forgotten'); }), /forgotten/);
 * task!.cancel();
 * ```
 */
export async function assertNoLeaks<T>(body: () => MaybePromise<T>): Promise<T> {
  const before = alive();
  const value = await body();
  const report = await leaksSince(before);
  if (report !== undefined) throw new Error(`Left behind:\n${report}`);
  return value;
}
