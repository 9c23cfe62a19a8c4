import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { parse } from 'acorn';
import { NotShippable } from 'skein';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readFunction } from '../../src/shipping/free-variables.ts';
import { shipNow } from '../../src/shipping/ship.ts';
import type { AnyFunction } from '../../src/shipping/shipment.ts';
import { hasInspector } from './has-inspector.ts';
import { readPackages } from './reading/real-functions.ts';
import { declaring, using } from './reading/rows.ts';
import { freeOf, functionsIn, textOf } from './reading/scopes-of-acorn.ts';
import type { Tally } from './reading/sides-worker.ts';

/** What acorn finds in the text of a function. */
function freeByAcorn(text: string): string[] {
  const isMethod = readFunction(text).form === 'method';
  // Acorn 8.19 takes that slash for the beginning of a regular expression.
  const readable = text.replace('?.return', '?.result');
  const source = isMethod ? `(class { #a; ${readable} })` : `(${readable}\n)`;
  const tree = parse(source, { ecmaVersion: 'latest', sourceType: 'script' });
  const found = [...functionsIn(tree)].find((node) => textOf(node, source) === readable);
  if (found === undefined) throw new Error('no such function');
  return [...freeOf(found)].sort();
}

/** Makes the function of a text where `performance` is a variable. */
function made(text: string): AnyFunction {
  return new Function('performance', `'use strict'; return (${text}\n);`)(7) as AnyFunction;
}

describe('a function that uses a variable of its surroundings', () => {
  it.each(using)('is known by its text: %s', (_, text) => {
    const { free } = readFunction(text);

    expect(free).toContain('performance');
    expect([...free].sort()).toEqual(freeByAcorn(text));
  });

  it
    .runIf(hasInspector)
    .each(
      using.filter(([, text]) => readFunction(text).form !== 'method' && !text.includes('import(')),
    )('is refused: %s', (_, text) => {
    expect(() => shipNow(made(text))).toThrow(/it uses .*"performance" \(a number\)/);
  });
});

describe('a function that declares a variable of that name', () => {
  it.each(declaring)('does not use the one around it: %s', (_, text) => {
    expect(readFunction(text).free).toEqual([]);
    expect(freeByAcorn(text)).toEqual([]);
  });
});

describe('a function of which nobody can tell', () => {
  const many = 100_000;
  it.each([
    ['a call of eval', '(a) => eval(a)', 'eval(…), which may use any variable around it'],
    ['one in parentheses', '(a) => ((eval))(a)', 'eval(…), which'],
    ['one with escapes', '(a) => ev\\u0061l(a)', 'eval(…), which'],
    ['one in a default', '(a = eval("1")) => a', 'eval(…), which'],
    ['one deep inside', '() => class { static a = () => eval("1") }', 'eval(…), which'],
    [
      'what is a comment in a script',
      '(a, b) => { a <!--b\n }',
      '<!--, which is a comment in a script and two operators in a module',
    ],
    [
      'what is one at the start of a line',
      '(a, b) => { a\n/* */ --> b\n }',
      '-->, which is a comment in a script and two operators in a module',
    ],
    ['parentheses', `() => ${'('.repeat(many)}1${')'.repeat(many)}`, 'deep nesting, which'],
    ['brackets', `() => ${'['.repeat(many)}${']'.repeat(many)}`, 'deep nesting, which'],
    ['templates', `() => ${'`${'.repeat(many)}1${'}`'.repeat(many)}`, 'deep nesting, which'],
    ['blocks', `() => {${'{'.repeat(many)}${'}'.repeat(many)}}`, 'deep nesting, which'],
    ['functions', `${'(a) => '.repeat(many)}1`, 'deep nesting, which'],
    ['statements without an end between', '(a) => { a c }', 'unknown syntax, which'],
    ['what is no code', '(a) => { a b ( }', 'unknown syntax, which skein cannot read'],
  ])('is refused: %s', (_, text, words) => {
    // The host itself cannot make some of them.
    const fn = () => undefined;
    fn.toString = () => text;
    const { free } = readFunction(text);

    expect(free).toContain(words.split(',', 1)[0]);
    if (text.length < 100 && !/ [bc] /.test(text)) {
      expect(() => shipNow(made(text))).toThrow(`it uses ${words}`);
    }
  });

  it.each([
    ['indirect', '(a) => (0, eval)(a)'],
    ['optional', '(a) => eval?.(a)'],
    ['of another name', '(a) => a.eval(a)'],
    ['not called', '(a) => [eval, a]'],
  ])('but eval sees globals only where it is %s', (_, text) => {
    expect(shipNow(made(text))).toMatchObject({ kind: 'source' });
  });

  it('but --> is two operators within a line', () => {
    expect(shipNow(made('(a) => { while (a --> 0); }'))).toMatchObject({ kind: 'source' });
  });
});

describe('a function that is another thing in sloppy mode', () => {
  const sloppy = [
    [
      'its arguments',
      'function f(a) { a = 2; return arguments[0]; }',
      'sloppy arguments, which are its parameters themselves and are none in strict mode',
    ],
    [
      'the this of a function inside',
      'function f() { return (function () { return typeof this; })(); }',
      'sloppy this, which is another one in strict mode',
    ],
    ['its own this', 'function f() { return typeof this; }', 'sloppy this, which'],
    [
      'a function of a block',
      'function f() { { function performance() {} } return typeof performance; }',
      'a hoisted function, which strict mode knows in its block only',
    ],
    [
      'a function of a block beside a var',
      'function f() { var g = 1; { function g() {} } return g; }',
      'a hoisted function, which',
    ],
  ] as const;

  it.each(sloppy)('is sent as that, where the host tells: %s', (_, text) => {
    const fn = new Function(`return ${text}`)() as AnyFunction;

    expect(shipNow(fn)).toMatchObject({ kind: 'source', sloppy: true });
  });

  it.each(sloppy)('is refused where it is an arrow: %s', (_, text, words) => {
    const fn = new Function(`return () => { ${text} f.call(1); }`)() as AnyFunction;

    expect(() => shipNow(fn)).toThrow(`it uses ${words}`);
  });

  it.each(sloppy)('is sent if it is strict code: %s', (_, text) => {
    const around = new Function(`'use strict'; return ${text}`)() as AnyFunction;
    const inside = new Function(`return ${text.replace('{', "{ 'use strict';")}`)() as AnyFunction;
    const deep = new Function(`return () => { 'use strict'; ${text} }`)() as AnyFunction;

    for (const fn of [around, inside, deep]) expect(shipNow(fn)).toMatchObject({ kind: 'source' });
  });

  it.runIf(hasInspector).each(sloppy)('is sent if it is of a module: %s', async (_, text) => {
    const code = `data:text/javascript,export let a; export default () => { ${text} }`;
    const { default: fn } = (await import(/* @vite-ignore */ code)) as { default: AnyFunction };

    expect(shipNow(fn)).toMatchObject({ kind: 'source' });
  });

  it.each([
    ['no more than the number of arguments', 'function f(a) { return arguments.length; }'],
    ['arguments without parameters', 'function f() { return arguments[0]; }'],
    ['arguments beside defaults', 'function f(a = 1) { return arguments[0]; }'],
    ['a function in its block', 'function f() { { function g() {} return g(); } }'],
    ['the this of a class', 'function f() { return class { a = this; m() { return this; } }; }'],
  ])('but not for %s', (_, text) => {
    const fn = new Function(`return ${text}`)() as AnyFunction;

    expect(shipNow(fn)).toMatchObject({ kind: 'source' });
  });
});

describe('a function of another place', () => {
  it.runIf(hasInspector)('is refused if with looks its names up', () => {
    const fn = new Function('o', 'with (o) return () => performance')(
      Object.create({ performance: 7 }),
    ) as AnyFunction;

    expect(() => shipNow(fn)).toThrow('it uses "performance" (looked up by with)');
  });

  it.runIf(hasInspector)('is refused if eval declares its names', () => {
    const fn = new Function("eval('var performance = 7'); return () => performance")();

    expect(() => shipNow(fn as AnyFunction)).toThrow('it uses "performance" (a number)');
  });

  it('is refused if it has globals of its own', async () => {
    const { runInNewContext } = await import('node:vm');
    const fn = runInNewContext('() => performance', { performance: 7 }) as AnyFunction;

    expect(() => shipNow(fn)).toThrow('it uses "performance" (a global of another context)');
  });

  it.runIf(hasInspector)('is refused if it has a variable of the name that compilers use', () => {
    const fn = new Function('__name', "'use strict'; return () => __name + 1")(1) as AnyFunction;

    expect(() => shipNow(fn)).toThrow('it uses "__name" (a number)');
  });
});

describe('the text of a function', () => {
  it.each([
    ['function f() { return f; }', true],
    ['function f() { return () => f(1); }', true],
    ['function f(a = f) {}', true],
    ['function f() { return f2; }', false],
    ['function f(f) { return f; }', false],
    ['function f() { return { f: 1 }.f; }', false],
    ['f() { return f(); }', false],
    ['() => f()', false],
  ])('tells whether it uses its own name: %s', (text, uses) => {
    expect(readFunction(text).usesOwnName).toBe(uses);
  });

  it.each([
    ['function f() { return this; }', true],
    ['function f() { return () => this; }', true],
    ['f() { return { a: this }; }', true],
    ['function f() { return function () { return this; }; }', false],
    ['function f() { return class { a = this; }; }', false],
    ['function f() { return class { [this.a] = 1; }; }', true],
    ['() => this', false],
  ])('tells whether it uses its own this: %s', (text, uses) => {
    expect(readFunction(text).usesThis).toBe(uses);
  });
});

describe('functions by the thousand', () => {
  it.runIf(hasInspector)(
    'give here what they give there, or are refused',
    { timeout: 60_000 },
    async () => {
      const worker = new Worker(new URL('./reading/sides-worker.ts', import.meta.url), {
        workerData: { first: 1, count: 1000 },
      });
      onTestFinished(async () => void (await worker.terminate()));
      const [{ fates, wrong }] = (await once(worker, 'message')) as [Tally];

      expect(wrong).toEqual([]);
      expect(fates.equal).toBeGreaterThan(100);
      expect(fates.refused).toBeGreaterThan(200);
    },
  );

  it('are read as acorn reads them', { timeout: 60_000 }, () => {
    const folder = new URL('../../node_modules/', import.meta.url);
    const found = readPackages(folder, ['acorn', 'chai', 'fast-check', 'tinyexec']);

    expect(found).toMatchObject({ unread: [], more: [], less: [], skippedFiles: 0 });
    expect(found.functions).toBeGreaterThan(2000);
  });

  it('are refused by an error of ours', () => {
    expect(() => shipNow(made('() => eval("1")'))).toThrow(NotShippable);
  });
});
