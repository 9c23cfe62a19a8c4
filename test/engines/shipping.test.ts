import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { moduleTasks, task } from 'skein';
import { afterAll, describe, expect, it } from 'vitest';
import { ship } from '../../src/shipping/ship.ts';
import { addBase, declareLate } from '../shipping/fixtures/tasks.ts';
import { hasInspector } from '../shipping/has-inspector.ts';
import { BareWorker } from './bare-worker.ts';

const worker = new BareWorker();
afterAll(() => worker[Symbol.asyncDispose]());

const fixture = (name: string): URL => new URL(`../shipping/fixtures/${name}`, import.meta.url);

/** Calls a function in the other heap. */
const away = async (fn: (...args: never[]) => unknown, ...args: unknown[]) =>
  worker.run(await ship(fn), ...args);

describe('a declared task in another heap', () => {
  it('is imported, with all that its module uses', async () => {
    expect(await away(addBase, 4)).toEqual({ name: 'addBase', value: 108 });
  });

  it('is found although it is not exported', async () => {
    const url = fixture('tasks.ts').href;

    expect(await worker.run({ kind: 'module', url, name: 'hidden', declared: true }, 1)).toEqual({
      name: '',
      value: 99,
    });
  });

  it('is not found if importing its module does not declare it', async () => {
    const { error } = await away(declareLate(), 4);

    expect(error).toMatchObject({ name: 'TaskNotFound', code: 'ERR_TASK_NOT_FOUND', task: 'late' });
    expect(error?.message).toBe(
      `Cannot find the task "late" in ${fixture('tasks.ts').href}: importing that module in the worker did not declare it. ` +
        'Move task() to the top level of the module, out of the function or condition it is in',
    );
  });

  it('cannot be in the file of a test, and the error says what to do', async () => {
    const { error } = await away(task(import.meta, () => 1, 'in a test file'));

    expect(error).toMatchObject({ code: 'ERR_TASK_NOT_FOUND' });
    expect(error?.message).toContain(
      `Cannot load ${import.meta.url} for the task "in a test file"`,
    );
    expect(error?.message).toContain(
      'move the task to a module of its own, which the test imports',
    );
  });
});

describe('a module in another heap', () => {
  it('that does not exist is not found', async () => {
    const url = fixture('absent.ts').href;
    const { error } = await away(task(url, () => 1, 'absent'));

    expect(error).toMatchObject({ code: 'ERR_TASK_NOT_FOUND', url, task: 'absent' });
    expect(error?.message).toContain(`Cannot load ${url} for the task "absent" in the worker: `);
  });

  it('that throws keeps its error as the cause', async () => {
    const { error } = await away(task(fixture('broken.ts'), () => 1, 'broken'));

    expect(error).toMatchObject({
      code: 'ERR_TASK_NOT_FOUND',
      cause: 'RangeError: this module never loads',
    });
  });

  it('that starts work when it is imported is refused', async () => {
    const { error } = await away(task(fixture('starts-work.ts'), () => 1, 'never'));

    expect(error).toMatchObject({ name: 'ImportingWorker', code: 'ERR_IMPORTING_WORKER' });
    expect(error?.message).toBe(
      `Cannot start inThread() while a worker imports ${fixture('starts-work.ts').href}: ` +
        'a module that holds tasks is imported again in every worker. ' +
        'Move the tasks to a module of their own, or guard what starts the program with `if (import.meta.main)`, from Node 24.2 on',
    );
  });
});

describe('the tasks of a module', () => {
  const plain = moduleTasks<typeof import('../shipping/fixtures/plain.ts')>(fixture('plain.ts'));

  it('are its exports', async () => {
    expect(await away(plain.renamed, 4)).toMatchObject({ value: 9 });
    expect(await away(plain.default, 4)).toMatchObject({ value: 7 });
  });

  it('have one copy of the module in each heap', async () => {
    await using other = new BareWorker();
    const shipment = await ship(plain.counted);

    expect(await other.run(shipment, 0)).toMatchObject({ value: 1 });
    expect(await other.run(shipment, 0)).toMatchObject({ value: 2 });
  });

  it('are the properties of module.exports in CommonJS', async () => {
    const common = moduleTasks<{ shifted(n: number): number }>(fixture('common.cjs'));

    expect(await away(common.shifted, 1)).toEqual({ name: 'shifted', value: 8 });
  });

  it('that it does not export are not found, and those that it does are listed', async () => {
    const { absent } = moduleTasks<{ absent(): void }>(fixture('plain.ts'));
    const { error } = await away(absent);

    expect(error?.message).toBe(
      `Cannot find the function "absent" in ${fixture('plain.ts').href}: it exports nothing of that name. ` +
        'Its functions are counted, default, makeHidden, renamed, twice, whereAmI',
    );
  });

  it('that are no functions are not found', async () => {
    const { notAFunction } = moduleTasks<{ notAFunction(): void }>(fixture('plain.ts'));
    const { error } = await away(notAFunction);

    expect(error?.message).toContain('it exports something of that name, which is no function');
  });
});

describe('source text in another heap', () => {
  class Shelf {
    double(n: number): number {
      return n * 2;
    }
    static *count(n: number): Generator<number> {
      for (let i = 0; i < n; i++) yield i;
    }
    get answer(): number {
      return 42;
    }
    async 'add it'(a: number, b: number): Promise<number> {
      return a + b;
    }
    ['com' + 'puted'](n: number): number {
      return -n;
    }
  }
  const getter = Object.getOwnPropertyDescriptor(Shelf.prototype, 'answer')?.get as () => number;
  const fact = (n: number): number => (n <= 1 ? 1 : n * fact(n - 1));
  const shelf = new Shelf() as unknown as Record<string, (...args: unknown[]) => unknown>;

  it.each([
    ['an arrow', (a: number, b: number) => a + b, [1, 2], 3],
    ['an arrow that gives an object', (a: number) => ({ a }), [1], { a: 1 }],
    [
      'a function',
      function sum(...all: number[]) {
        return all.reduce((a, b) => a + b);
      },
      [1, 2],
      3,
    ],
    ['an async function', async (a: number) => await Promise.resolve(a), [1], 1],
    [
      'recursion of a function',
      function f(n: number): number {
        return n <= 1 ? 1 : n * f(n - 1);
      },
      [5],
      120,
    ],
    ['a method', shelf['double'], [4], 8],
    ['a getter', getter, [], 42],
    ['a method with a name that is no identifier', shelf['add it'], [1, 2], 3],
    ['a method with a computed name', shelf['computed'], [1], -1],
    ['globals', (text: string) => [...new Set(JSON.parse(text))], ['[1,1]'], [1]],
    ['a comment at the end', (a: number) => a + 1 /* the end */, [1], 2],
  ] as const)('may be %s', async (_, fn, args, value) => {
    const answer = await away(fn as () => unknown, ...args);

    expect(answer).toEqual({ name: (fn as () => unknown).name, value });
  });

  it.runIf(hasInspector)('may be recursion of an arrow', async () => {
    expect(await away(fact, 5)).toEqual({ name: 'fact', value: 120 });
  });

  it('runs as it was written, strict or sloppy', async () => {
    const strict = function (this: unknown) {
      return this === undefined;
    };
    const sloppy = new Function('return this === globalThis') as () => boolean;

    expect(await away(strict)).toMatchObject({ value: true });
    expect(await away(sloppy)).toMatchObject({ value: true });
  });

  it('may import a module of the host', async () => {
    const fn = async (path: string) => (await import('node:path')).basename(path);

    expect(await away(fn, '/a/b')).toMatchObject({ value: 'b' });
  });

  it('imports relative to the file it was written in', async () => {
    const fn = async (n: number) => (await import('../shipping/fixtures/plain.ts')).twice(n);

    const place = `${import.meta.url}:1:1`;

    expect(await worker.run(await ship(fn, { frames: '', place }), 4)).toMatchObject({ value: 8 });
  });

  it('tells of a name that is missing there, as a refusal', async () => {
    Object.assign(globalThis, { onlyHere: 1 });
    try {
      const fn = new Function('return onlyHere') as () => number;
      const { error } = await away(fn);

      expect(error).toMatchObject({ code: 'ERR_NOT_SHIPPABLE', captured: ['onlyHere'] });
      expect(error?.cause).toBe('ReferenceError: onlyHere is not defined');
    } finally {
      Reflect.deleteProperty(globalThis, 'onlyHere');
    }
  });
});

describe('on the bare runtime', () => {
  const run = promisify(execFile);
  const ships = async (...args: readonly string[]): Promise<{ readonly message?: string }> => {
    const { stdout } = await run(process.execPath, [fixture('ships.ts').pathname, ...args]);
    return JSON.parse(stdout);
  };
  const plain = fixture('plain.ts').href;

  it.runIf(hasInspector).each([
    ['counted', 'counted'],
    ['renamed', 'renamed'],
    ['default', 'default'],
    ['whereAmI', 'whereAmI'],
  ])('an exported function that uses its module is located: %s', async (fn, name) => {
    const located = { kind: 'module', url: plain, name, declared: false };
    expect(await ships(fn)).toEqual({ ...located, text: expect.stringContaining('function') });
  });

  it.runIf(hasInspector).each([[[]], [['gc']]])(
    'so is one of CommonJS, be its script in use or forgotten %s',
    async (gc) => {
      expect(await ships('shifted', ...gc)).toEqual({
        kind: 'module',
        url: fixture('common.cjs').href,
        name: 'shifted',
        declared: false,
        text: 'function shifted(n) {\n  return n + offset;\n}',
      });
    },
  );

  it.runIf(hasInspector)('so is a function on the one that a CommonJS module exports', async () => {
    expect(await ships('onFunction')).toMatchObject({ kind: 'module', name: 'twice' });
  });

  it('an exported function that does not use its module travels as text', async () => {
    expect(await ships('twice')).toMatchObject({ kind: 'source', name: 'twice' });
  });

  it('a function that is not exported is refused', async () => {
    const error = await ships('hidden');

    expect(error).toMatchObject({ code: 'ERR_NOT_SHIPPABLE' });
    expect(error.message).toMatch(
      hasInspector
        ? /it uses "twice" \(a function\) and "calls" \(a number\) from around it/
        : /it uses "twice" and "calls" from around it/,
    );
  });

  it('a function of a module that waits for this is refused, and nothing hangs', async () => {
    const { stdout } = await run(process.execPath, [fixture('imports-busy.ts').pathname]);

    expect(JSON.parse(stdout)).toBe('ERR_NOT_SHIPPABLE');
  });

  it('a function of the program itself is refused, although it is exported', async () => {
    const { stdout } = await run(process.execPath, [fixture('entry.ts').pathname]);

    expect(JSON.parse(stdout)).toMatchObject({ code: 'ERR_NOT_SHIPPABLE', captured: ['offset'] });
  });
});
