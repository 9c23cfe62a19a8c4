/**
 * The globals among which drawn functions run, and what running them shows: the same in each heap.
 *
 * @module
 */
import type { AnyFunction } from '../../../src/shipping/shipment.ts';
import { NAMES } from './dice.ts';

let fuel = 0;
export const world = globalThis as unknown as { [name: string]: unknown };

/** What a name is, around the function or among the globals. */
export function valueFor(name: string, by: number): unknown {
  if (name === 'f' || name === 'g' || name === 'set')
    return (...all: unknown[]) => `${name}${by}${all.length}`;
  return by + NAMES.indexOf(name);
}

/** Sets all globals anew: functions change them. */
export function refill(): void {
  fuel = 60;
  world.$fuel = () => {
    if (fuel-- <= 0) throw new EvalError('no fuel');
  };
  for (const name of NAMES) world[name] = valueFor(name, 1000);
  world.$i = 0;
}

/** Calls a function; what it gives or throws, as a text. */
export async function shown(fn: AnyFunction): Promise<string> {
  refill();
  try {
    const value: unknown = await fn(3, { return: 21, of: 5, x: [7], length: 2 }, [1, 2]);
    return await print(value, 3);
  } catch (error) {
    return error instanceof Error ? error.name : `thrown ${await print(error, 2)}`;
  }
}

async function print(value: unknown, depth: number): Promise<string> {
  if (typeof value === 'function') return `function ${value.name}`;
  if (typeof value !== 'object' || value === null) return `${typeof value} ${String(value)}`;
  if (depth === 0 || value === globalThis) return Object.prototype.toString.call(value);
  if (value instanceof RegExp) return String(value);
  if (value instanceof Promise) return print(await value, depth - 1);
  const parts: string[] = [];
  if (Symbol.iterator in value || Symbol.asyncIterator in value) {
    const all: unknown[] = [];
    try {
      for await (const each of value as Iterable<unknown>) if (all.push(each) >= 5) break;
    } catch (error) {
      all.push((error as Error | undefined)?.name);
    }
    for (const each of all) parts.push(await print(each, depth - 1));
  }
  for (const key of Reflect.ownKeys(value)) {
    let property: unknown;
    try {
      property = (value as { [key: string | symbol]: unknown })[key];
    } catch (error) {
      property = (error as Error | undefined)?.name;
    }
    parts.push(`${String(key)}: ${await print(property, depth - 1)}`);
  }
  return `{${parts.join(', ')}}`;
}
