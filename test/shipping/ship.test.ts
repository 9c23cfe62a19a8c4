import { basename } from 'node:path';
import { NotShippable, task } from 'skein';
import { describe, expect, it } from 'vitest';
import { explain } from '../../src/shipping/explain.ts';
import { load } from '../../src/shipping/load.ts';
import { ship } from '../../src/shipping/ship.ts';
import type { AnyFunction, Shipment, Site, SourceShipment } from '../../src/shipping/shipment.ts';
import byDefault, { counted, makeHidden, renamed, twice } from './fixtures/plain.ts';
import * as tasks from './fixtures/tasks.ts';
import { hasInspector } from './has-inspector.ts';

const site: Site = { frames: '    at main (file:///app.ts:41:12)', place: 'file:///app.ts:41:12' };
const plain = new URL('./fixtures/plain.ts', import.meta.url).href;

/** What refuses a function; the message without the way it ends. */
async function refused(fn: AnyFunction): Promise<NotShippable> {
  try {
    await ship(fn, site);
  } catch (error) {
    expect(error).toBeInstanceOf(NotShippable);
    expect(error).toMatchObject({ name: 'NotShippable', code: 'ERR_NOT_SHIPPABLE' });
    expect((error as Error).message).toMatch(/ \(called at file:\/\/\/app\.ts:41:12\)$/);
    return error as NotShippable;
  }
  throw new Error('it was not refused');
}

/** Runs what was shipped, as if this were another heap. */
async function there(fn: AnyFunction, ...args: unknown[]): Promise<unknown> {
  const shipment = await ship(fn);
  return (await load(JSON.parse(JSON.stringify(shipment)) as Shipment))(...args);
}

describe('what travels', () => {
  it('is the place of a function that is declared', () => {
    expect(ship(tasks.addBase)).toEqual({
      kind: 'module',
      url: new URL('./fixtures/tasks.ts', import.meta.url).href,
      name: 'addBase',
      declared: true,
    });
  });

  it('is the place even if the text would do', () => {
    const fn = task('file:///tasks.ts', (a: number) => a, 'whatever');

    expect(ship(fn)).toMatchObject({ kind: 'module', name: 'whatever' });
  });

  it('is the text of a function that is self-contained', () => {
    const add = (a: number, b: number) => a + b;

    expect(ship(add)).toEqual({ kind: 'source', text: String(add), name: 'add', base: undefined });
  });

  it('is the text of an exported function that does not use its module', () => {
    expect(ship(twice)).toMatchObject({ kind: 'source', name: 'twice' });
  });

  it.runIf(hasInspector)('is the place of an exported function that does', async () => {
    const place = { kind: 'module', url: plain, declared: false };

    expect(await ship(counted)).toEqual({ ...place, name: 'counted' });
    expect(await ship(renamed)).toEqual({ ...place, name: 'renamed' });
    expect(await ship(byDefault)).toEqual({ ...place, name: 'default' });
  });

  it('is found once for a function', async () => {
    const add = (a: number, b: number) => a + b;

    expect(ship(add)).toBe(ship(add));
    expect(ship(tasks.addBase)).toBe(ship(tasks.addBase));
  });

  it.runIf(hasInspector)('is looked for once, however often it is asked for', async () => {
    const both = await Promise.all([ship(counted), ship(counted)]);

    expect(both[0]).toBe(both[1]);
    expect(ship(counted)).toBe(both[0]);
  });

  it('is plain data', async () => {
    for (const fn of [tasks.addBase, (a: number) => a]) {
      const shipment = await ship(fn);
      expect(structuredClone(shipment)).toEqual(shipment);
    }
  });
});

describe('text that was sent', () => {
  it('keeps its name', async () => {
    const add = (a: number) => a;

    expect((await load(await ship(add))).name).toBe('add');
  });

  it.runIf(hasInspector)('calls itself by the name it was written under', async () => {
    const fact = (n: number): number => (n <= 1 ? 1 : n * fact(n - 1));

    expect(await there(fact, 5)).toBe(120);
  });

  it('finds what esbuild writes into functions', async () => {
    const fn = new Function('const f = __name(() => 1, "one"); return f.name') as AnyFunction;

    expect(await there(fn)).toBe('one');
  });

  it('imports relative to the file of the call where that of the function is not known', () => {
    const fn = new Function('return import("./fixtures/plain.ts")') as AnyFunction;
    const place = `${import.meta.url}:4:7`;

    expect((ship(fn, { ...site, place }) as SourceShipment).base).toBe(import.meta.url);
  });

  it('needs no file to import from the host', () => {
    const fn = async () => (await import('node:path')).sep;

    expect((ship(fn) as SourceShipment).base).toBeUndefined();
  });
});

describe('a function is refused', () => {
  it('that uses a variable of its surroundings', async () => {
    const limit = Math.random();
    const above = (n: number) => n > limit;
    const error = await refused(above);

    expect(error.captured).toEqual(['limit']);
    expect(error.message).toBe(
      'Cannot send "above" to a worker: it uses "limit"' +
        (hasInspector ? ' (a number)' : '') +
        ' from around it. ' +
        'A function travels as source text and cannot see the variables of the place where it was written. ' +
        'Pass "limit" as an argument, import it inside the function, ' +
        'or declare the function with task(import.meta, …) at the top level of a module (called at file:///app.ts:41:12)',
    );
  });

  class Pool {}
  const pool = new Pool();
  const list = [pool];
  const nothing = null;
  const map = new Map([[list, nothing]]);
  const symbol = Symbol('s');
  const object = { map, symbol };
  const promise = Promise.resolve(object);
  const helper = () => promise;

  it.runIf(hasInspector).each([
    ['an instance of Pool', (): unknown => pool],
    ['an instance of Map', (): unknown => map],
    ['an array', (): unknown => list],
    ['an object', (): unknown => object],
    ['null', (): unknown => nothing],
    ['a symbol', (): unknown => symbol],
    ['an instance of Promise', (): unknown => promise],
    ['a function', (): unknown => helper],
    ['a class', (): unknown => new Pool()],
  ] as const)('and it is said that the variable is %s', async (what, fn) => {
    expect((await refused(fn)).message).toContain(`(${what}) from around it`);
  });

  it.runIf(hasInspector)('that uses a variable which is not initialised yet', async () => {
    const fn = (): number => later;
    const error = await refused(fn);
    const later = 1;

    expect(error.message).toContain('"later" (not initialised yet)');
    expect(fn()).toBe(later);
  });

  it('that uses what a compiler has added', async () => {
    const __awaiter = pool;

    expect((await refused(() => __awaiter)).message).toContain(
      'A name that you did not write comes from a compiler or a coverage tool (called at',
    );
  });

  it('that uses several', async () => {
    const both = () => [pool, list, pool];
    const error = await refused(both);

    expect(error.captured).toEqual(['pool', 'list']);
    expect(error.message).toContain('Pass them as an argument, import them inside the function');
  });

  it('that uses an import, which is named as it was written', async () => {
    const name = (path: string) => basename(path) + twice(1);
    const error = await refused(name);

    expect(error.captured).toEqual(['basename', 'twice']);
    expect(error.message).toContain('it uses "basename" (an import) and "twice" (an import)');
  });

  it.runIf(hasInspector)('that uses a variable which hides a global', async () => {
    const fetch = (url: string) => url;
    const get = (url: string) => fetch(url);

    expect((await refused(get)).captured).toEqual(['fetch']);
  });

  it('but not one that only uses the global', () => {
    expect(ship(() => structuredClone(new Map()))).toMatchObject({ kind: 'source' });
  });

  it('that uses its module, which does not export it', async () => {
    expect((await refused(makeHidden())).captured).toEqual(['twice', 'calls']);
  });

  it('that is bound or built in', async () => {
    const bound = function add(this: unknown, a: number) {
      return a;
    }.bind(undefined);

    expect((await refused(bound)).message).toBe(
      'Cannot send "bound add" to a worker: bound and built-in functions, and proxies, have no source text. ' +
        'Write a function that calls it (called at file:///app.ts:41:12)',
    );
    expect((await refused(Math.max)).message).toContain('Cannot send "max" to a worker');
    expect((await refused(new Proxy(() => 1, {}))).message).toContain('no source text');
  });

  it('that is a class', async () => {
    expect((await refused(Pool as unknown as AnyFunction)).message).toBe(
      'Cannot send "Pool" to a worker: it is a class, which cannot be called. ' +
        'Write a function that makes an instance (called at file:///app.ts:41:12)',
    );
  });

  class Base {
    greet(): string {
      return 'base';
    }
  }
  class Child extends Base {
    #secret = 1;
    override greet(): string {
      return super.greet();
    }
    reveal(): number {
      return this.#secret;
    }
    arrow(): () => unknown {
      return () => this;
    }
    rest(..._all: unknown[]): () => unknown {
      // biome-ignore lint/complexity/noArguments: the point of the test.
      return () => arguments.length;
    }
  }
  const child = new Child();

  it.each([
    ['super', child.greet, 'super, which belongs to its class or object'],
    ['#secret', child.reveal, '#secret, a private name of its class'],
    [
      'this',
      child.arrow(),
      'this, which an arrow function has from the place where it was written',
    ],
    [
      'arguments',
      child.rest(),
      'arguments, which an arrow function has from the place where it was written',
    ],
    ['import.meta', () => import.meta.url, 'import.meta, which belongs to its module'],
  ] as const)('that uses %s', async (name, fn, words) => {
    const error = await refused(fn);

    expect(error.captured).toEqual([name]);
    expect(error.message).toContain(
      `it uses ${words}. Pass what it needs as an argument, or declare the function with task(import.meta, …)`,
    );
  });

  it('that imports relative to a file which nobody knows', () => {
    const fn = new Function('return import("./dep.ts")') as AnyFunction;

    expect(() => ship(fn)).toThrow(
      `Cannot send "anonymous" to a worker: it imports './dep.ts', and the file it was written in is not known. ` +
        'Import by an absolute URL, or declare the function with task(import.meta, …)',
    );
  });

  it('with the place of each call', async () => {
    const fn = () => pool;
    await refused(fn);

    await expect(async () => ship(fn, { ...site, place: 'file:///b.ts:1:1' })).rejects.toThrow(
      '(called at file:///b.ts:1:1)',
    );
  });
});

describe('a name that a worker misses', () => {
  const shipment: Shipment = {
    kind: 'source',
    text: '() => db.query()',
    name: 'load',
    base: undefined,
  };
  const thrown = new ReferenceError('db is not defined');

  it('is a refusal that came late', () => {
    const error = explain(thrown, shipment, site) as NotShippable;

    expect(error).toBeInstanceOf(NotShippable);
    expect(error.captured).toEqual(['db']);
    expect(error.cause).toBe(thrown);
    expect(error.message).toBe(
      'Cannot run "load" in a worker: it uses "db", which is not defined there. ' +
        'A function travels as source text and sees its arguments and the globals of the worker only. ' +
        'Pass "db" as an argument, import it inside the function, ' +
        'or declare the function with task(import.meta, …) at the top level of a module (called at file:///app.ts:41:12)',
    );
  });

  it('is known by the words of other engines too', () => {
    const error = explain(new ReferenceError("Can't find variable: db"), shipment);

    expect(error).toBeInstanceOf(NotShippable);
  });

  it.each([
    ['a name that the text does not use', new ReferenceError('other is not defined'), shipment],
    ['another error', new TypeError('db is not defined'), shipment],
    ['no error', null, shipment],
    [
      'a function of a module',
      thrown,
      { kind: 'module', url: plain, name: 'a', declared: true } as const,
    ],
  ])('is left as it is for %s', (_, error, of) => {
    expect(explain(error, of)).toBe(error);
  });
});
