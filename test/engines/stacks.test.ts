/**
 * Stacks that name the file and the line in which a user wrote: of bodies that were sent as text, and of what is refused or stopped before
 * a body could say anything.
 *
 * @module
 */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  collect,
  concurrent,
  concurrently,
  generateIn,
  inThread,
  map,
  mapStream,
  resolve,
  runSync,
} from 'skein';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { hasInspector } from '../shipping/has-inspector.ts';
import { POOLS, thrown } from './pools.ts';

const entry = new URL('../../src/index.ts', import.meta.url).href;
const fixture = (name: string): URL => new URL(`./fixtures/${name}`, import.meta.url);

/** `file.ts:line` of each case, by the marks in the files. */
function marks(): Record<string, string> {
  const found: Record<string, string> = {};
  for (const file of ['stacks.ts', 'stacks-imported.ts']) {
    const lines = readFileSync(fixture(file), 'utf8').split('\n');
    lines.forEach((line, at) => {
      const name = /\/\/ throws: (.+)$/.exec(line)?.[1];
      const column = line.indexOf('new Error') + 1;
      if (name !== undefined) found[name] = `${file}:${at + 1}:${column}`;
    });
  }
  return found;
}

// Elsewhere the host does not tell where a function stands; and a test runner has changed the text of the functions in this file.
describe.runIf(hasInspector)('the stack of a body that was sent as text', () => {
  let frames: Record<string, Record<string, string>> = {};
  beforeAll(async () => {
    const args = [...process.execArgv, '--conditions=@skein/source', fixture('stacks.ts').pathname];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    frames = JSON.parse(stdout) as typeof frames;
  }, 60_000);

  it.each(['inThread', 'inProcess', 'runSync', 'map'])(
    'begins with the line that threw, however the function is written: %s',
    (how) => {
      const expected = Object.entries(marks()).filter(([name]) => name in (frames[how] ?? {}));

      expect(Object.keys(frames[how] ?? {}).length).toBeGreaterThan(12);
      expect(frames[how]).toEqual(Object.fromEntries(expected));
    },
  );

  it('does so for generators', () => {
    const { generator } = marks();
    const { generators } = frames;

    expect(generators).toEqual({
      generateInThread: generator,
      generateInProcess: generator,
    });
  });

  it('does so where the worker itself reads it', () => {
    const { given, told } = marks();
    const { values } = frames;

    expect(values).toEqual({ given, told });
  });
});

/** A program in a file of its own whose lines are those from 101 on of `original.ts`, as its map says. */
async function withSourceMap(lines: readonly string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'skein-stacks-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  // The first line: file 0, line 100 (`oG`), column 0; each of the others one line on.
  const mappings = `AAoGA${';AACA'.repeat(lines.length - 1)}`;
  const map = { version: 3, sources: ['original.ts'], names: [], mappings };
  const data = Buffer.from(JSON.stringify(map)).toString('base64');
  const program = join(folder, 'generated.mjs');
  const url = `//# sourceMappingURL=data:application/json;base64,${data}`;
  await writeFile(program, [...lines, url].join('\n'));
  return program;
}

describe.runIf(hasInspector)('the stack of a body that was sent as text, with source maps', () => {
  it.each([
    ['--enable-source-maps', 'original.ts:103'],
    ['--no-warnings', 'generated.mjs:3'],
  ])('shows its place as frames of its caller do: %s', async (option, place) => {
    const program = await withSourceMap([
      `import { inProcess, inThread, runSync } from ${JSON.stringify(entry)};`,
      'const boom = (text) => {',
      '  throw new Error(text);',
      '};',
      'for (const call of [boom, () => inThread(boom, 1), () => inProcess(boom, 1), () => runSync(boom, 1)]) {',
      '  try { await call(); } catch (error) { console.log(error.stack.split("\\n")[1]); }',
      '}',
      'process.exit();',
    ]);

    const { stdout } = await promisify(execFile)(process.execPath, [option, program]);

    const places = stdout.match(/[\w.]+:\d+(?=:\d+\)?$)/gm);
    expect(places).toEqual([place, place, place, place]);
  });
});

describe.skipIf(hasInspector)('where the host does not tell the place of a function', () => {
  it('the stack names the file of the call, and the function', async () => {
    const error = await thrown(
      inThread(function broken() {
        throw new Error('thrown');
      }),
    );

    expect(error.stack).toMatch(/stacks\.test\.ts#broken:\d+:\d+/);
  });
});

/** The frames of a stack. */
function framesIn(stack: unknown): string[] {
  return String(stack)
    .split('\n')
    .filter((line) => /^\s+at /.test(line));
}

describe.each(POOLS)('what $name refuse', (pool) => {
  const engine = pool.make();
  const around = { n: 1 };
  const captures = (n: number): number => n + around.n;
  const same = (given: unknown): unknown => given;

  /** Its message and its stack name this file, and nothing of the library is in the way. */
  function expectHere(error: Error, named: RegExp): void {
    expect(error.message).toMatch(named);
    expect(framesIn(error.stack)[0]).toMatch(/stacks\.test\.ts/);
  }

  it.each<readonly [how: string, call: () => Promise<unknown>]>([
    ['submit', () => engine.submit(captures, [1], {})],
    ['map', () => map([1], captures, { engine })],
    ['map, one at a time', () => map([1], captures, { engine, concurrency: 1 })],
    ['collect', () => collect([() => around.n], { engine } as never)],
    ['resolve', () => resolve([() => around.n], { engine } as never).toArray()],
    ['generateIn', () => generateIn(engine, {}, () => [around.n]).next()],
    [
      'mapStream, consumed elsewhere',
      () => {
        const flow = mapStream([1], captures, { engine });
        return new Promise((settle) => setTimeout(settle, 1)).then(() => flow.toArray());
      },
    ],
  ])('is told at the place of the call: a function that captures, given to %s', async (_, call) => {
    expectHere(await thrown(call()), /uses "around".*\(called at .*stacks\.test\.ts:\d+:\d+\)$/);
  });

  it('is told at the place of the call: in the cause of what concurrent throws, and in what a waiter collects', async () => {
    const options = { engine } as never;
    const failed = await thrown(concurrent([() => around.n], options).toArray());
    const waiter = concurrently(1, { engine }, async () => {
      around.n++;
    });
    await thrown(waiter());

    for (const error of [failed.cause, waiter.exceptions[0]]) {
      expectHere(error as Error, /uses "around".*\(called at .*stacks\.test\.ts/);
    }
  });

  it.each<readonly [what: string, value: unknown, named: RegExp]>([
    ['a function inside an object', { fn: () => 1 }, /args\[0\]\.fn is a function/],
    ['a symbol', Symbol('s'), /args\[0\] is a symbol/],
    ['a promise', { late: Promise.resolve() }, /args\[0\]\.late/],
  ])('is told at the place of the call: %s among the arguments', async (_, value, named) => {
    for (const call of [
      engine.submit(same, [value], {}),
      map([value], same, { engine }),
      mapStream([value], same, { engine }).toArray(),
    ]) {
      const error = await thrown(call);

      expect(error.code).toBe('ERR_UNCLONABLE');
      expectHere(error, named);
      expect(error.stack).not.toMatch(/submitted at|\/src\/engines\//);
    }
  });

  it('is told at the place of the call: a time-out', async () => {
    const sleeper = () => new Promise((settle) => setTimeout(settle, 10_000).unref());
    const call = { timeout: 20, grace: 20 };

    expectHere(await thrown(engine.submit(sleeper, [], call)), /20 ms/);
    expectHere(await thrown(map([1], sleeper, { engine, ...call })), /20 ms/);
  });
});

it('a function that runSync refuses is told at the place of the call', () => {
  const around = { n: 1 };
  // No tail call, of which Bun forgets who made it.
  const call = () => [runSync(() => around.n)];

  expect(call).toThrow(/called at .*stacks\.test\.ts/);
});
