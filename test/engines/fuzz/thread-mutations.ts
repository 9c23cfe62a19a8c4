/**
 * Messages that no worker sends, made of those that workers do send. Used here and in workers.
 *
 * @module
 */

/** A number from 0 up to, and not including, `below`. */
export type Random = (below: number) => number;

/** Repeatable numbers. */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Nested objects: beyond 1,500 levels a thread can write them, and the main thread cannot read them. */
export function deep(levels: number): unknown {
  let value: unknown = 1;
  for (let i = 0; i < levels; i++) value = { value };
  return value;
}

/** Lists in which every part is there twice: small to send, and without end to those who walk it as a tree. */
function wide(levels: number): unknown {
  let value: unknown = [];
  for (let i = 0; i < levels; i++) value = [value, value];
  return value;
}

function cyclic(): unknown {
  const list: unknown[] = [1];
  list.push(list, { list });
  return list;
}

const JUNK: readonly (() => unknown)[] = [
  () => null,
  () => undefined,
  () => Number.NaN,
  () => Number.NEGATIVE_INFINITY,
  () => -1,
  () => 0.5,
  () => 2 ** 31,
  () => 2 ** 53,
  () => 10n ** 30n,
  () => '',
  () => '__proto__',
  () => 'constructor',
  () => 'x'.repeat(10_000),
  () => [],
  () => ({}),
  () => true,
  () => new Array(2 ** 32 - 1),
  () => Object.assign(new Array(3), { 1: 1, kind: 'value' }),
  () => new Map<unknown, unknown>([[1, new Set([2])]]),
  () => new Date(Number.NaN),
  () => /x/g,
  () => new Error('junk', { cause: new RangeError('more') }),
  () => new Uint8Array(9),
  () => Object(1n),
  () => ({ kind: 'error', at: 7 }),
  () => ({ kind: 'list', items: wide(40) }),
  () => ({ thrown: { kind: 'value', value: 1 }, errors: new Array(2 ** 31) }),
  () => ({ thrown: { kind: 'error', at: 0 }, errors: [cyclic()] }),
  cyclic,
  () => wide(60),
  () => deep(2500),
  () => deep(4000),
];

/** One of those. */
export function junk(random: Random): unknown {
  return (JUNK[random(JUNK.length)] as () => unknown)();
}

/**
 * A message that is not what it was: a part of it is something else, is missing, is there twice, or is off by one.
 *
 * @param message is left as it is
 */
export function mutated(message: unknown, random: Random): unknown {
  if (random(12) === 0) return junk(random);
  const copy: unknown = structuredClone(message);
  const places: { readonly owner: Record<string, unknown>; readonly key: string }[] = [];
  collect(copy, places, 0);
  const place = places[random(places.length)];
  if (place === undefined) return junk(random);
  const { owner, key } = place;
  const value = owner[key];
  switch (random(5)) {
    case 0:
      if (Array.isArray(owner)) owner.splice(Number(key), 1);
      else delete owner[key];
      break;
    case 1:
      if (Array.isArray(owner)) owner.splice(Number(key), 0, value);
      else owner[`${key}2`] = value;
      break;
    case 2:
      if (typeof value === 'number') owner[key] = value + random(5) - 2;
      else owner[key] = [value];
      break;
    default:
      owner[key] = junk(random);
  }
  return copy;
}

function collect(
  value: unknown,
  places: { owner: Record<string, unknown>; key: string }[],
  depth: number,
): void {
  if (typeof value !== 'object' || value === null || depth > 8) return;
  for (const key of Object.keys(value)) {
    const owner = value as Record<string, unknown>;
    places.push({ owner, key });
    collect(owner[key], places, depth + 1);
  }
}
