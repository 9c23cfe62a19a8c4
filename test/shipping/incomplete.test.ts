// biome-ignore-all lint/suspicious/noFunctionAssign: and others about this.
// biome-ignore-all lint/security/noGlobalEval: some of the tests are about it.
/**
 * Functions that use nothing around them, and of which the text is not the whole: refused, or the same value.
 *
 * @module
 */
import vm from 'node:vm';
import type { NotShippable } from 'skein';
import { describe, expect, it } from 'vitest';
import { load } from '../../src/shipping/load.ts';
import { ship } from '../../src/shipping/ship.ts';
import type { AnyFunction, Shipment } from '../../src/shipping/shipment.ts';
import { hasInspector } from './has-inspector.ts';

/** Runs what was shipped, as if this were another heap. */
async function there(fn: AnyFunction, ...args: unknown[]): Promise<unknown> {
  const shipment = JSON.parse(JSON.stringify(await ship(fn))) as Shipment;
  return (await load(shipment))(...args);
}

async function refused(fn: AnyFunction): Promise<NotShippable> {
  const outcome = await Promise.resolve()
    .then(() => ship(fn))
    .catch((error: unknown) => error);
  expect(outcome).toMatchObject({ code: 'ERR_NOT_SHIPPABLE' });
  return outcome as NotShippable;
}

/** A function of a sloppy script. */
const sloppy = (code: string): AnyFunction => vm.runInThisContext(`(${code}\n)`) as AnyFunction;

const key = Symbol('key');
/** A function declaration that mentions itself, with what a program does to it. */
function having(change: (fn: Record<PropertyKey, unknown> & AnyFunction) => unknown): AnyFunction {
  function counted(n = 0): unknown {
    return n > 0 ? counted(n - 1) : Reflect.get(counted, 'limit');
  }
  change(counted as never);
  return counted as AnyFunction;
}

const set = (name: PropertyKey, descriptor: PropertyDescriptor) => (fn: object) =>
  Object.defineProperty(fn, name, { configurable: true, ...descriptor });

describe('a function that refers to itself is refused, if it has', () => {
  it.each<readonly [what: string, change: (fn: never) => unknown]>([
    ['a property "limit"', set('limit', { value: 42, enumerable: true })],
    ['a property "limit"', set('limit', { value: 42, enumerable: false })],
    ['a property "limit"', set('limit', { get: () => 42 })],
    ['a property Symbol(key)', set(key, { value: 42 })],
    ['another prototype', (fn: object) => Object.setPrototypeOf(fn, { limit: 42 })],
    ['another prototype', (fn: object) => Object.setPrototypeOf(fn, null)],
    ['another "length"', set('length', { value: 9 })],
    ['a "name" that is no text', set('name', { value: 42 })],
    ['a "prototype" that was changed', (fn: { prototype: object }) => set('x', {})(fn.prototype)],
    ['a "prototype" that was changed', (fn: { prototype: unknown }) => (fn.prototype = null)],
  ])('%s', async (what, change) => {
    const error = await refused(having(change as never));

    expect(error.message).toContain(
      `it refers to itself and has ${what}, which its source text does not bring along. Pass what it needs as an argument, or declare the function with task(import.meta, …)`,
    );
    expect(error.captured).toEqual([]);
  });

  it('no getter of such a property is called', async () => {
    const get = (): never => {
      throw new RangeError('called');
    };

    expect((await refused(having(set('limit', { get })))).message).toContain('a property "limit"');
  });

  it.runIf(hasInspector)('also an arrow that knows itself by its variable', async () => {
    const arrow = (): unknown => (arrow as { limit?: number }).limit;
    (arrow as { limit?: number }).limit = 42;

    expect((await refused(arrow)).message).toContain('a property "limit"');
  });

  it('also a sloppy one that knows itself as arguments.callee', async () => {
    const fn = sloppy('function () { return arguments.callee.limit }') as AnyFunction & object;
    Object.assign(fn, { limit: 42 });

    expect((await refused(fn)).message).toContain('a property "limit"');
  });

  it.each<readonly [string, (fn: never) => unknown]>([
    ['nothing of its own', () => undefined],
    ['another name', set('name', { value: 'other' })],
    ['the prototype that it always had', (fn: { prototype: unknown }) => fn.prototype],
  ])('but not if it has %s', async (_, change) => {
    expect(await there(having(change as never), 3)).toBe(undefined);
  });

  it('nor if it does not mention itself', async () => {
    const fn = Object.assign((n: number) => n + 1, { limit: 42 });

    expect(await there(fn, 1)).toBe(2);
  });

  it('nor if what it mentions is a variable of its own with that name', async () => {
    function limited(limited: number): number {
      return limited;
    }
    Object.assign(limited, { limit: 42 });

    expect(await there(limited, 1)).toBe(1);
  });
});

describe('the own name of a function', () => {
  const memoize = (_: unknown) => () => 100;

  it.runIf(hasInspector)('that means another by now is refused', async () => {
    function fib(n: number): number {
      return n < 2 ? n : fib(n - 1) + fib(n - 2);
    }
    const raw = fib;
    // @ts-expect-error a declaration is no variable
    fib = memoize(fib);
    const error = await refused(raw);

    expect(error.captured).toEqual(['fib']);
    expect(error.message).toContain(
      'Cannot send "fib" to a worker: it uses "fib", its own name, which means something else by now (a function). ' +
        'There it would mean the function itself. Give one of the two another name',
    );
  });

  it.runIf(hasInspector)('of a block, too, and one that is nothing by now', async () => {
    let raw: AnyFunction;
    {
      function inBlock(): string {
        return typeof inBlock;
      }
      raw = inBlock;
      // @ts-expect-error a declaration is no variable
      inBlock = undefined;
    }

    expect((await refused(raw)).message).toContain('something else by now (undefined)');
  });

  it.runIf(hasInspector)('declared by a script is a global that may be another', async () => {
    const raw = vm.runInThisContext(
      'function onGlobal(n) { return n < 1 ? 0 : onGlobal(n - 1) } const rawOnGlobal = onGlobal; onGlobal = () => 7; rawOnGlobal',
    ) as AnyFunction;
    try {
      expect((await refused(raw)).captured).toEqual(['onGlobal']);
    } finally {
      Reflect.deleteProperty(globalThis, 'onGlobal');
    }
  });

  it('means itself in a function expression, whatever a variable of that name is', async () => {
    let fib: AnyFunction = function fib(n: number): number {
      return n < 2 ? n : fib(n - 1) + fib(n - 2);
    };
    const raw = fib;
    fib = memoize(fib);
    // Only what some function sees is kept where the inspector finds it.
    const outer = (): AnyFunction => fib;

    expect(outer()()).toBe(100);
    expect([raw(5), await there(raw, 5)]).toEqual([5, 5]);
  });

  it('means itself in one that is wrapped where it is written', async () => {
    let inner: AnyFunction = () => 0;
    const wrap = (fn: AnyFunction): AnyFunction => {
      inner = fn;
      return memoize(fn);
    };
    const walk = wrap(
      /* a comment, */ async function walk(n: number): Promise<number> {
        return n < 1 ? 0 : 1 + (await walk(n - 1));
      },
    );
    const outer = (): AnyFunction => walk;

    expect(outer()()).toBe(100);
    expect(await there(inner, 3)).toBe(3);
  });

  it.each([
    'function once() { once = () => 3; return typeof once }',
    'function once() { return (once ||= 1) }',
    'function once() { const inner = () => { once++ }; inner(); return once }',
  ])('that the function itself assigns to is refused: %s', async (code) => {
    const error = await refused(sloppy(code));

    expect(error.captured).toEqual(['once']);
    expect(error.message).toContain(
      'it assigns to "once", its own name, which there is no variable',
    );
  });

  it('is no variable of the function with that name', async () => {
    expect(await there(sloppy('function once(once) { once = 2; return once }'))).toBe(2);
  });

  it('means itself in a declaration that nobody touched', async () => {
    function fact(n: number): number {
      return n <= 1 ? 1 : n * fact(n - 1);
    }

    expect(await there(fact, 5)).toBe(120);
  });
});

describe('a method', () => {
  class Shelf {
    size = 3;
    static all(): unknown {
      // biome-ignore lint/complexity/noThisInStatic: it is what it is about.
      return this;
    }
    count(): number {
      return this.size;
    }
    later(): () => number {
      return () => this.size;
    }
    get width(): number {
      return this.size;
    }
  }
  const getter = Object.getOwnPropertyDescriptor(Shelf.prototype, 'width')?.get as AnyFunction;
  const shelf = new Shelf();

  it.each([
    ['count', shelf.count],
    ['all', Shelf.all],
    ['later', shelf.later],
    ['get width', getter],
    [
      'shorthand',
      {
        shorthand: function (this: unknown) {},
        m(this: unknown) {
          return this;
        },
      }.m,
    ],
  ])('that uses this is refused: %s', async (_, fn) => {
    const error = await refused(fn);

    expect(error.captured).toEqual(['this']);
    expect(error.message).toContain(
      'it is a method that uses this, the object it is called on, and there it is called on none. ' +
        'Pass what it needs as an argument, or write a function that makes the object and calls the method',
    );
  });

  it('whose this is that of a function inside can be sent', async () => {
    const code = "({ m() { 'use strict'; return function () { return this }.call(7) } }).m";

    expect(await there(sloppy(code))).toBe(7);
  });

  it('is no function, of which this is undefined here and there', async () => {
    const fn = function (this: unknown): string {
      return typeof this;
    };

    expect([fn.call(undefined), await there(fn)]).toEqual(['undefined', 'undefined']);
  });
});

describe('a sloppy function computes there what it computes here', () => {
  it.each<[what: string, code: string, args?: unknown[]]>([
    ['its this is the global object', 'function () { return this === globalThis }'],
    ['parameters and arguments are one', 'function (a) { arguments[0] = 5; return a }', [1]],
    [
      'it writes to what is frozen',
      'function (o) { Object.freeze(o).a = 2; return o.a }',
      [{ a: 1 }],
    ],
    ['it has octal numbers', 'function () { return 010 }'],
    ['it has with', 'function (o) { with (o) return x }', [{ x: 3 }]],
    ['it knows itself', 'function () { return typeof arguments.callee }'],
    ['it declares in blocks', 'function () { { function g() { return 4 } } return g() }'],
    ['an arrow with an octal number', '() => 010'],
    ['a strict one in a sloppy script', "function () { 'use strict'; return typeof this }"],
  ])('%s', async (_, code, args = []) => {
    const fn = sloppy(code as string);

    expect(await there(fn, ...structuredClone(args))).toEqual(fn(...structuredClone(args)));
  });

  it('and its shipment says so', async () => {
    expect(await ship(sloppy('function (a) { return a }'))).toMatchObject({ sloppy: true });
    expect(await ship((a: number) => a)).not.toHaveProperty('sloppy');
  });
});

describe('a call of eval', () => {
  const unseen = 42;

  it.each([
    ['eval', (code: string): unknown => eval(code)],
    ['(eval)', (code: string): unknown => eval(code)],
    ['eval of a text that is computed', (): unknown => eval(`un${'seen'}`)],
    ['the same in a function inside', () => () => eval('un'.concat('seen'))],
  ])('that is direct is refused: %s', async (_, fn) => {
    expect(unseen).toBe(42);
    const error = await refused(fn);

    expect(error.captured).toEqual(['eval(…)']);
    expect(error.message).toContain(
      'it uses eval(…), which may use any variable around it. Call (0, eval)(…), which sees globals only',
    );
  });

  it('that is indirect sees globals only, here and there', async () => {
    // biome-ignore lint/complexity/noCommaOperator: it is how an indirect call is written.
    const fn = (code: string): unknown => (0, eval)(code);

    expect(await there(fn, 'typeof unseen')).toBe('undefined');
    expect(
      await there((o: { eval(x: number): number }) => o.eval(1), { eval: (x: number) => x }),
    ).toBe(1);
  });
});

describe('a function of another context', () => {
  const elsewhere = (code: string, values = {}): AnyFunction =>
    vm.runInNewContext(`(${code})`, values) as AnyFunction;

  it.each([
    ['Array', 'function (a) { return a instanceof Array }'],
    ['performance', '() => typeof performance'],
    ['sloppy this', 'function () { return typeof this.zork }'],
  ])('that uses its globals is refused: %s', async (name, code) => {
    const error = await refused(elsewhere(code, { performance: 1, zork: 2 }));

    expect(error.captured).toEqual([name]);
    expect(error.message).toMatch(/a global of another context|which is another one/);
  });

  it('that uses none can be sent', async () => {
    expect(await there(elsewhere('(a) => [a + 1]'), 1)).toEqual([2]);
  });
});

describe('the text of a function', () => {
  it('is what the host gives, whatever toString says', async () => {
    const own = Object.assign((n: number) => n + 1, { toString: () => '() => 0' });
    expect(await there(own, 1)).toBe(2);

    const real = Function.prototype.toString;
    Function.prototype.toString = () => '() => 0';
    try {
      expect(await there((n: number) => n + 2, 1)).toBe(3);
    } finally {
      Function.prototype.toString = real;
    }
  });

  it('that cannot be evaluated is refused', async () => {
    const { Function: real } = globalThis;
    const fn = () => 1;
    const error = await (async () => {
      globalThis.Function = class {
        constructor() {
          throw new EvalError('Code generation from strings disallowed');
        }
      } as never;
      return refused(fn);
    })().finally(() => {
      globalThis.Function = real;
    });

    expect(error.message).toContain(
      'its text cannot be evaluated (Code generation from strings disallowed',
    );
    expect(error.cause).toBeInstanceOf(EvalError);
  });
});
