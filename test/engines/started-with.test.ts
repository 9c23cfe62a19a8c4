/**
 * Programs that were started in unusual ways: workers of all kinds start there too, and where one cannot, the error says why.
 *
 * @module
 */
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inheritedEnv } from '../../src/engines/pool/exec-options.ts';
import { type Ended, endOf } from '../process/exit-code.ts';

const entry = new URL('../../src/index.ts', import.meta.url).href;

/** A worker of each kind. */
const CALLS = `
  const show = async (call) => console.log(await call().catch((error) => error.message));
  await show(async () => inThread(() => 'thread'));
  await show(async () => runSync(() => 'runSync'));
  await show(async () => inProcess(() => 'process'));
`;
const ES_MODULE = `import { inThread, inProcess, runSync } from ${JSON.stringify(entry)};${CALLS}`;
const COMMON_JS = `(async () => {
  const { inThread, inProcess, runSync } = await import(${JSON.stringify(entry)});${CALLS}
})()`;

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skein-started-'));
  await writeFile(join(folder, 'program.mjs'), ES_MODULE);
  await writeFile(join(folder, 'program.test.mjs'), ES_MODULE);
  await writeFile(join(folder, 'quiet.mjs'), '');
  await writeFile(join(folder, 'quiet.cjs'), '');
  await writeFile(
    join(folder, 'throws.mjs'),
    "import { isMainThread } from 'node:worker_threads'; if (!isMainThread) throw new RangeError('not here');",
  );
  await writeFile(
    join(folder, 'exits.cjs'),
    "if (!require('node:worker_threads').isMainThread) process.exit(3);",
  );
});
afterAll(() => rm(folder, { recursive: true }));

/** Runs Node. */
function node(args: readonly string[], input?: string, options?: string): Promise<Ended> {
  const env = { ...process.env, ...(options !== undefined && { NODE_OPTIONS: options }) };
  const child = spawn(process.execPath, args, { cwd: folder, env, timeout: 25_000 });
  child.stdin.end(input);
  return endOf(child);
}

// The options are those of Node.
describe.skipIf('Bun' in globalThis || 'Deno' in globalThis)('workers start in a program', () => {
  it.each<readonly [how: string, args: readonly string[], input: string, options: string]>([
    ['of --input-type=module --eval', ['--input-type=module', '--eval', ES_MODULE], '', ''],
    ['of --input-type module -e', ['--input-type', 'module', '-e', ES_MODULE], '', ''],
    ['of --eval=, as CommonJS', ['--input-type=commonjs', `--eval=${COMMON_JS}`], '', ''],
    ['of -p', ['-p', COMMON_JS], '', ''],
    ['from standard input', ['--input-type=module'], ES_MODULE, ''],
    ['from standard input, named -', ['--input-type=module', '-'], ES_MODULE, ''],
    ['with --import', ['--import=./quiet.mjs', 'program.mjs'], '', ''],
    ['with --require', ['--require', './quiet.cjs', 'program.mjs'], '', ''],
    ['of --test', ['--test', '--test-reporter=tap', 'program.test.mjs'], '', ''],
    ['with --input-type in NODE_OPTIONS', [], ES_MODULE, '--input-type=module --no-warnings'],
    ['with --inspect in NODE_OPTIONS', ['program.mjs'], '', '--inspect=0'],
  ])('%s', async (_, args, input, options) => {
    const { stdout } = await node(args, input, options);

    const said = stdout.match(/^(?:# )?(thread|runSync|process)$/gm);
    expect([said?.map((line) => line.replace('# ', '')), stdout]).toEqual([
      ['thread', 'runSync', 'process'],
      stdout,
    ]);
  });

  it.each<readonly [what: string, args: readonly string[], thread: RegExp, sync: RegExp]>([
    [
      'what it loads first throws',
      ['--import=./throws.mjs'],
      /^Could not start a worker for .*: the last of several exited with code 1 \(not here\)$/m,
      /^Could not start a worker for an anonymous function: not here$/m,
    ],
    [
      'what it loads first exits',
      ['--require', './exits.cjs'],
      /^Could not start a worker for .*: the last of several exited with code 3$/m,
      /^Could not start a worker for .*: it ended before it could run anything$/m,
    ],
    [
      'it may not have any',
      ['--permission', '--allow-fs-read=*'],
      /^Could not start a worker for an anonymous function: Access to this API has been restricted/m,
      /^Could not start a worker for an anonymous function: Access to this API has been restricted/m,
    ],
  ])('or not, as %s: the error says so', async (_, args, thread, sync) => {
    const { stdout } = await node([...args, 'program.mjs']);

    const lines = stdout.split('\n');
    expect(lines[0]).toMatch(thread);
    expect(lines[1]).toMatch(sync);
  });
});

describe('the environment of a worker', () => {
  it.each([
    [undefined, undefined],
    ['', undefined],
    ['--max-old-space-size=100 --import=./a.mjs', undefined],
    ['--input-type=module', ''],
    ['--import=./a.mjs --input-type commonjs --no-warnings', '--import=./a.mjs --no-warnings'],
    ['--inspect-brk=0 --inspect-publish-uid=http', '--inspect-publish-uid=http'],
    ['--conditions=--input-type', undefined],
  ])('for NODE_OPTIONS=%j', (given, kept) => {
    const env = inheritedEnv({ ...(given !== undefined && { NODE_OPTIONS: given }), OTHER: '1' });

    expect(env).toEqual(kept === undefined ? undefined : { NODE_OPTIONS: kept, OTHER: '1' });
  });
});
