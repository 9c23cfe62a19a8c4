/**
 * What was sent as text computes in a worker what it computes here: a sample by each engine. What is refused is told by the unit tests of shipping.
 *
 * @module
 */
import vm from 'node:vm';
import { type Engine, runSync } from 'skein';
import { describe, expect, it } from 'vitest';
import { POOLS } from './pools.ts';

type Body = (...args: never[]) => unknown;

const engines: readonly [string, Engine][] = POOLS.map(({ name, make }) => [name, make()]);
const ways: readonly [string, (fn: Body, ...args: unknown[]) => unknown][] = [
  ...engines.map(([name, engine]): [string, (fn: Body, ...args: unknown[]) => unknown] => [
    name,
    (fn, ...args) => engine.submit(fn as () => unknown, args as [], {}),
  ]),
  ['runSync', (fn, ...args) => runSync(fn as () => unknown, ...(args as []))],
];

describe.each(ways)('by %s', (_, run) => {
  it.each<[code: string, args: unknown[]]>([
    ['function () { return this === globalThis }', []],
    ["function () { 'use strict'; return this === undefined }", []],
    ['function (a) { arguments[0] = 5; return a }', [1]],
    ['function (o) { Object.freeze(o).a = 2; return o.a }', [{ a: 1 }]],
    ['function (o) { with (o) return x + 010 }', [{ x: 3 }]],
    ['function fact(n) { return n <= 1 ? 1 : n * fact(n - 1) }', [5]],
    ['() => (0, eval)("1 + 1")', []],
    ["async (name) => Object.keys(await import('node:path')).includes(name)", ['basename']],
    ["async () => (await import /* so */ ('node:path')).sep", []],
    ['() => { const o = { import(x) { return x } }; return o.import(3) }', []],
    ['() => { const $skein = (x) => x; return $skein(4) }', []],
  ])('%s', async (code, args) => {
    // A script: what it declares is sloppy, unless it says otherwise.
    const importModuleDynamically = vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER;
    const fn = vm.runInThisContext(`(${code})`, { importModuleDynamically }) as Body;
    const here = await fn(...(structuredClone(args) as never[]));

    expect(await run(fn, ...args)).toEqual(here);
  });
});
