/**
 * The `memory` of a pool holds in programs that were started with a limit of their own, and that is in force for everything else.
 *
 * @module
 */
import { spawn } from 'node:child_process';
import { getHeapStatistics } from 'node:v8';
import { describe, expect, it } from 'vitest';
import { heapSizes, inheritedEnv, inheritedOptions } from '../../src/engines/pool/exec-options.ts';
import { endOf } from '../process/exit-code.ts';

const entry = new URL('../../src/index.ts', import.meta.url).href;

/** Prints the limits of a worker of either kind, of a plain thread and of itself; then a thread that takes memory without end. */
const PROGRAM = `
import { processes, threads } from ${JSON.stringify(entry)};
import { Worker } from 'node:worker_threads';
const limit = () => Math.round(process.getBuiltinModule('node:v8').getHeapStatistics().heap_size_limit / 2 ** 20);
const own = [];
for (const make of [threads, processes]) {
  const engine = make({ size: 1, memory: 60 });
  own.push(await engine.submit(limit, [], {}));
  await engine[Symbol.asyncDispose]();
}
const plain = new Worker('process.getBuiltinModule("node:worker_threads").parentPort.postMessage((' + limit + ')())', { eval: true });
own.push(await new Promise((resolve) => plain.once('message', resolve)), limit());
const engine = threads({ size: 1, memory: 60 });
const endless = () => {
  const all = [];
  for (;;) for (let i = 0; i < 30; i++) all.push(new Array(4096).fill(0.5));
};
own.push(await engine.submit(endless, [], {}).catch((error) => error.code));
await engine[Symbol.asyncDispose]();
console.log(JSON.stringify(own));
`;

async function run(args: readonly string[], options: string): Promise<unknown[]> {
  const env = { ...process.env, NODE_OPTIONS: options };
  const program = ['--input-type=module', '--eval', PROGRAM];
  const child = spawn(process.execPath, [...args, ...program], { env, timeout: 60_000 });
  const { stdout } = await endOf(child);
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '[]') as unknown[];
}

const hasPercent = process.allowedNodeEnvironmentFlags.has('--max-old-space-size-percentage');

describe.skipIf('Bun' in globalThis || 'Deno' in globalThis)('a program that was started', () => {
  it.each<readonly [how: string, args: readonly string[], options: string]>([
    ['without a limit', [], ''],
    ['with --max-old-space-size', ['--max-old-space-size=900'], ''],
    ['with it in NODE_OPTIONS, spelt as V8 does', [], '--max_old_space_size=900'],
    ['with --max-heap-size', ['--max-heap-size=900'], ''],
    ['with a large young generation', ['--max-semi-space-size=64'], ''],
    ...(hasPercent ? [['in percent', [], '--max-old-space-size-percentage=5'] as const] : []),
  ])(
    '%s: its pools have theirs',
    async (_, args, options) => {
      const [thread, child, plain, program, end] = await run(args, options);

      // Twice what was asked for, and the young generation.
      expect(thread).toBeLessThanOrEqual(120 + 48);
      expect(child).toBeLessThanOrEqual(120 + 192);
      expect(plain).toBe(program);
      expect(end).toBe('ERR_WORKER_DIED');
    },
    60_000,
  );
});

describe('the limit of a pool', () => {
  it('is the only one that its processes are given', () => {
    const options = ['--no-warnings', '--max-old-space-size=1', '--max-heap-size=1'];
    expect(inheritedOptions(options, true)).toEqual(['--no-warnings']);
    expect(inheritedOptions(options)).toEqual(options);
    const env = { NODE_OPTIONS: '--max_old_space_size=1 --no-warnings' };
    expect(inheritedEnv(env, true)).toEqual({ NODE_OPTIONS: '--no-warnings' });
    expect(inheritedEnv(env)).toBeUndefined();
  });

  it('leaves alone what the program was not started with', () => {
    expect(heapSizes()).toEqual([]);
    expect(getHeapStatistics().heap_size_limit).toBeGreaterThan(0);
  });
});
