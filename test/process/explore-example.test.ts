import { spawn } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { exitCodeOf } from './exit-code.ts';

/** vitest runs the example of its own, and the scripts `test:bun` and `test:deno` run theirs. */
const isNode = !('Bun' in globalThis || 'Deno' in globalThis);

describe('the example of exploring', () => {
  it.runIf(isNode)('runs in node:test', async () => {
    const args = ['--conditions=@skein/source', '--test', 'examples/explore/node.test.ts'];
    const child = spawn(process.execPath, args);
    let stdout = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      stdout += chunk;
    });
    const code = await exitCodeOf(child);

    expect([code, /pass 1\b/.test(stdout)]).toEqual([0, true]);
  });
});
