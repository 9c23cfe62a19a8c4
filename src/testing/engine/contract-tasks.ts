/**
 * The bodies that the engine contract submits, in a module of their own that a worker can import.
 *
 * @module
 */
import type { Context } from '../../core/context.ts';
import { currentScope, currentSignal, effectiveDeadline, shield } from '../../core/scopes.ts';
import { sleep, sleepForever } from '../../core/sleep.ts';
import { task } from '../../shipping/declared.ts';
import { registerError } from '../../shipping/register-error.ts';
import { Journal } from './journal.ts';

/** An error class of the user, with fields. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code = 'ERR_REFUSED';
  readonly status: number;
  readonly details: { readonly tried: readonly string[]; readonly at: Date };

  constructor(status = 0, options?: ErrorOptions) {
    super(`Refused with ${status}`, options);
    this.status = status;
    this.details = { tried: ['a', 'b'], at: new Date(86_400_000) };
  }
}
registerError(Refusal);

/** An error class that is nowhere registered. */
class Unheard extends Error {
  override readonly name = 'Unheard';
  readonly volume = 11;
}

/** Gives back what it got. */
export function echo(value: unknown): unknown {
  return value;
}

/** Gives back what it got, later. */
export async function echoLater(value: unknown): Promise<unknown> {
  await sleep(1);
  return value;
}

/** Gives the number of its arguments, without the context, and what they are. */
export function listArguments(...all: unknown[]): unknown[] {
  return all.slice(0, -1);
}

/** Adds. */
export function add(a: number, b: number): number {
  return a + b;
}

/** Shows the context it got as its last argument. */
export function showContext(label: string, context?: Context): unknown {
  const { colour } = (context ?? {}) as { colour?: string };
  return {
    label,
    index: context?.index,
    attempt: context?.attempt,
    aborted: context?.signal.aborted,
    colour,
  };
}

/** Changes its argument. */
export function change(list: number[]): number {
  list.push(4);
  return list.length;
}

/** Gives the length of a buffer. */
export function byteLength(buffer: ArrayBuffer): number {
  return buffer.byteLength;
}

/** Gives what no other memory can get. */
export function giveFunction(): unknown {
  return { name: 'x', nested: { onDone: (): void => undefined } };
}

const FAILURES: Readonly<Record<string, () => unknown>> = {
  plain: () => new Error('plain failure'),
  type: () => new TypeError('wrong type'),
  range: () => new RangeError('out of range'),
  registered: () => new Refusal(403),
  unheard: () => new Unheard('not heard'),
  fields: () => Object.assign(new Error('with fields'), { code: 'E_CODE', errno: -2, path: '/x' }),
  cause: () => new Error('outer', { cause: new TypeError('middle', { cause: new Refusal(404) }) }),
  causeText: () => new Error('outer', { cause: 'a text' }),
  aggregate: () => new AggregateError([new RangeError('one'), new Refusal(2), 'three'], 'several'),
  unclonable: () =>
    Object.assign(new Error('half sent'), { code: 'E_HALF', handler: (): void => undefined }),
  circular: () => {
    const error: Error & { self?: unknown } = new Error('circular');
    error.self = error;
    return error;
  },
  null: () => null,
  undefined: () => undefined,
  symbol: () => Symbol('thrown'),
  function: () => (): void => undefined,
  hostile: () =>
    Object.defineProperty(new Error('hostile'), 'trap', {
      enumerable: true,
      get: () => {
        throw new Error('do not look');
      },
    }),
  deep: () => {
    let error = new Error('at the bottom');
    for (let depth = 0; depth < 60; depth++) error = new Error(`at ${depth}`, { cause: error });
    return error;
  },
  text: () => 'a text',
  object: () => ({ reason: 'an object', count: 3 }),
};

/** Throws one of the failures above. */
export function failWith(kind: string): never {
  throw FAILURES[kind]?.();
}

/** Rejects with one of the failures above. */
export async function failLater(kind: string): Promise<never> {
  await sleep(1);
  throw FAILURES[kind]?.();
}

/** Notes its start, waits until it is released, or all are, notes its end. */
export async function hold(place: string, name: string): Promise<string> {
  const journal = Journal.at(place);
  journal.note('start', name);
  try {
    while (!(journal.released('all') || journal.released(name))) await sleep(1);
  } catch (error) {
    journal.note('cancelled', name);
    throw error;
  }
  journal.note('end', name);
  return name;
}

/** Notes that it ran. */
export function mark(place: string, name: string): string {
  Journal.at(place).note('start', name);
  return name;
}

/** Is long in a wait of the library, and cleans up slowly when that is cancelled. */
export async function cleanSlowly(place: string, name: string): Promise<void> {
  const journal = Journal.at(place);
  journal.note('start', name);
  try {
    await sleepForever();
  } finally {
    journal.note('cancelled', name);
    await shield(() => sleep(40));
    journal.note('end', name);
  }
}

/** Gives a value although it was cancelled. */
export async function succeedAnyway(place: string): Promise<string> {
  Journal.at(place).note('start', 'anyway');
  await sleepForever().catch(() => undefined);
  return 'value';
}

/** Waits for its signal, in no wait of the library. */
export async function listen(place: string, name: string, context?: Context): Promise<void> {
  const { signal } = context as Context;
  const journal = Journal.at(place);
  const aborted = new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
  journal.note('start', name);
  await aborted;
  journal.note('reason', (signal.reason as Error).name);
  journal.note('same', String(currentSignal() === signal));
  throw signal.reason;
}

/** Looks at no signal and never ends, but lets its event loop go on. */
export async function ignore(place: string, name: string): Promise<never> {
  Journal.at(place).note('start', name);
  return new Promise<never>(() => undefined);
}

/** Leaves a child at work, and a clean-up to do. */
export function spawnAndReturn(place: string): string {
  const journal = Journal.at(place);
  const scope = currentScope();
  scope.defer(() => journal.note('end', 'clean-up'));
  void scope.spawn(async () => {
    await sleep(20);
    journal.note('end', 'child');
  });
  return 'value';
}

/** Leaves a child at work that fails. */
export function spawnFailure(): string {
  void currentScope().spawn(async () => {
    await sleep(1);
    throw new Refusal(7);
  });
  return 'value';
}

/** Leaves a child at work that never ends by itself. */
export async function spawnAndWait(place: string): Promise<void> {
  const journal = Journal.at(place);
  void currentScope().spawn(async () => {
    journal.note('start', 'child');
    try {
      await sleepForever();
    } finally {
      journal.note('end', 'child');
    }
  });
}

/** Fails in its own way when it is told to stop. */
export async function failWhenStopped(place: string): Promise<never> {
  Journal.at(place).note('start', 'stubborn');
  try {
    return await sleepForever();
  } catch (cause) {
    throw new TypeError('while it cleaned up', { cause });
  }
}

/** Looks at no signal, and ends when it is released. */
export async function outlast(place: string, name: string): Promise<string> {
  const journal = Journal.at(place);
  journal.note('start', name);
  await journal.until('release', () => journal.released('all'));
  return name;
}

/** A mapper whose first item fails when the second is at work. */
export async function failWhenHeld([place, n]: readonly [string, number]): Promise<void> {
  const journal = Journal.at(place);
  if (n === 0) {
    await journal.seen('start');
    throw new Refusal(n);
  }
  await cleanSlowly(place, String(n));
}

/** Never gives its event loop back. */
export function spin(place: string, name: string): never {
  Journal.at(place).note('start', name);
  for (;;);
}

/** Tells whether its work has a deadline. */
export function hasDeadline(): boolean {
  return Number.isFinite(effectiveDeadline());
}

/** Notes when it comes and goes. */
export async function visit(place: string, name: number, ms: number): Promise<number> {
  const journal = Journal.at(place);
  journal.note('start', String(name));
  await sleep(ms);
  journal.note('end', String(name));
  return name * 10;
}

/** Fails in its first attempts; a mapper. */
export function flaky([place, failures]: readonly [string, number], context?: Context): string {
  const { attempt, index } = context as Context;
  Journal.at(place).note('attempt', `${index}:${attempt}`);
  if (attempt <= failures) throw new Refusal(attempt);
  return `${index} at ${attempt}`;
}

/** A mapper that takes long in its first attempt. */
export async function slowFirst(place: string, context?: Context): Promise<number> {
  const { attempt } = context as Context;
  Journal.at(place).note('attempt', String(attempt));
  if (attempt === 1) await sleepForever();
  return attempt;
}

/** A mapper that fails for odd numbers. */
export async function failOdd(n: number): Promise<number> {
  await sleep(1);
  if (n % 2 === 1) throw new Refusal(n);
  return n;
}

/** `hold` as a mapper. */
export async function holdAll([place, n]: readonly [string, number]): Promise<number> {
  await hold(place, String(n));
  return n;
}

/** A mapper that holds all but the first. */
export async function holdAllButFirst([place, n]: readonly [string, number]): Promise<number> {
  if (n === 0) return 0;
  const journal = Journal.at(place);
  journal.note('start', String(n));
  try {
    await sleepForever();
  } finally {
    journal.note('end', String(n));
  }
  return n;
}

for (const body of [
  echo,
  echoLater,
  listArguments,
  add,
  showContext,
  change,
  byteLength,
  giveFunction,
  failWith,
  failLater,
  hold,
  mark,
  cleanSlowly,
  succeedAnyway,
  failWhenStopped,
  listen,
  ignore,
  spawnAndReturn,
  spawnFailure,
  spawnAndWait,
  outlast,
  failWhenHeld,
  spin,
  hasDeadline,
  visit,
  flaky,
  slowFirst,
  failOdd,
  holdAll,
  holdAllButFirst,
]) {
  task(import.meta, body);
}
