import { expect, it } from 'vitest';
import { smallCopy } from '../../src/engines/pool/small-copy.ts';

it('copies plain objects and arrays of a few primitives', () => {
  for (const value of [
    {},
    [],
    { a: 1, b: 'c', c: undefined, d: null, e: 1n },
    [1, undefined, 'b'],
  ]) {
    const copy = smallCopy(value);
    expect(copy).not.toBe(value);
    expect(copy).toStrictEqual(value);
  }
});

it('leaves what only a clone copies as it should be', () => {
  const cycle: Record<string, unknown> = {};
  cycle.self = cycle;
  const others: unknown[] = [
    1,
    null,
    cycle,
    { deep: {} },
    [[1]],
    new Array(3),
    Object.assign(new Array(2), { 0: 1, x: 2 }),
    new Date(),
    new Map(),
    new Uint8Array(1),
    new (class Point {})(),
    JSON.parse('{"__proto__": 1}'),
    Array.from({ length: 17 }, () => 1),
    Object.fromEntries(Array.from({ length: 17 }, (_, i) => [`k${i}`, i])),
  ];
  for (const value of others) expect(smallCopy(value)).toBeUndefined();
});
