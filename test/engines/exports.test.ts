/**
 * Functions that a worker finds among the exports of a module: of any kind of module, and the same function that is meant here.
 *
 * @module
 */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { moduleTasks } from 'skein';
import { describe, expect, it } from 'vitest';
import { hasInspector } from '../shipping/has-inspector.ts';
import * as reassigned from './fixtures/exports/reassigned.ts';
import { POOLS, thrown, withPool } from './pools.ts';

type Tasks = Readonly<Record<string, (n: number) => Promise<number>>>;

type Task = (n: number) => Promise<number>;

const url = (file: string): URL => new URL(`./fixtures/exports/${file}`, import.meta.url);
const tasks = (file: string) => moduleTasks<Tasks>(url(file)) as Tasks;

describe.each(POOLS)('the tasks of a CommonJS module in $name', (pool) => {
  it.each([
    ['function.cjs', 'default', 4],
    ['function.cjs', 'twice', 6],
    ['function.cjs', 'less', 2],
    ['compiled.cjs', 'add', 8],
    ['compiled.cjs', 'default', -2],
    ['object.cjs', 'add', 6],
    ['object.cjs', 'less', 0],
  ])('%s has %s', (file, name, value) =>
    withPool(pool, { size: 1 }, async (engine) => {
      expect(await engine.submit(tasks(file)[name] as Task, [3], {})).toBe(value);
    }),
  );

  it('instance.cjs has what its class has', () =>
    withPool(pool, { size: 1 }, async (engine) => {
      const { add } = tasks('instance.cjs');

      expect(await engine.submit(add as Task, [3], {})).toBe(10);
    }));

  it.each([
    ['function.cjs', 'call', 'nothing of that name. Its functions are'],
    ['function.cjs', 'toString', 'nothing of that name. Its functions are'],
    ['function.cjs', 'text', 'something of that name, which is no function. Its functions are'],
    ['object.cjs', 'hasOwnProperty', 'nothing of that name. Its functions are add, less'],
  ])('%s has no %s', (file, name, words) =>
    withPool(pool, { size: 1 }, async (engine) => {
      const error = await thrown(engine.submit(tasks(file)[name] as Task, [3], {}));

      expect(error).toMatchObject({ code: 'ERR_TASK_NOT_FOUND', task: name });
      expect(error.message).toContain(`it exports ${words}`);
    }),
  );
});

describe.each(POOLS)('an export that is found by itself in $name', (pool) => {
  it.runIf(hasInspector)('is what it is here, attached properties included', () =>
    withPool(pool, { size: 1 }, async (engine) => {
      expect(await engine.submit(reassigned.kept, [1], {})).toBe(11);
      expect(await engine.submit(reassigned.counted, [], {})).toBe(42);
    }),
  );

  // In a program of its own: the runner loads modules otherwise, and there the text is not compared.
  it.runIf(hasInspector).each([
    ['a function of the same name', 'pick'],
    ['one of another', 'current'],
  ])('is refused if its variable was assigned %s', async (_, name) => {
    const program = fileURLToPath(url('reassigns.ts'));

    const { stdout } = await promisify(execFile)(process.execPath, [program, pool.name, name]);

    expect(stdout).toContain(
      `ERR_TASK_NOT_FOUND Cannot find the function "${name}" in ${url('reassigned.ts').href}: in the worker it exports another function by that name. ` +
        'Declare the function with task(import.meta, …)',
    );
  });
});
