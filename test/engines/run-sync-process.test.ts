import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Ended, endOf } from '../process/exit-code.ts';

const entry = new URL('../../src/index.ts', import.meta.url).href;

let folder = '';
let programs = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skein-run-sync-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Runs a program in a process of its own. */
async function program(code: string, ...flags: readonly string[]): Promise<Ended> {
  const path = join(folder, `program-${++programs}.mjs`);
  await writeFile(path, `import { runSync } from ${JSON.stringify(entry)};\n${code}`);
  const child = spawn(process.execPath, [...flags, path], { timeout: 25_000 });
  return endOf(child);
}

describe('a program that calls runSync', () => {
  it('ends by itself', async () => {
    const { code, stdout } = await program('console.log(runSync(async () => 42));');

    expect([code, stdout]).toEqual([0, '42\n']);
  });

  it('ends by itself when what it called goes on', async () => {
    const { code, stdout } = await program(
      'console.log(runSync(async () => { setInterval(() => {}, 1000); return 42; }));',
    );

    expect([code, stdout]).toEqual([0, '42\n']);
  });

  it('has the output of the function in order with its own, as much as it is', async () => {
    const { code, stdout, stderr } = await program(`
      const speak = (n) => {
        for (let i = 0; i < n; i++) console.log('line', i, 'x'.repeat(1000));
        console.error('done');
        process.stdout.write('end\\n');
      };
      process.stdout.write('before\\n');
      runSync(speak, 500);
      process.stdout.write('after\\n');
    `);
    const lines = stdout.split('\n');

    expect(code).toBe(0);
    expect([lines[0], lines.at(-3), lines.at(-2)]).toEqual(['before', 'end', 'after']);
    expect(lines).toHaveLength(504);
    expect(stderr).toBe('done\n');
  });

  // Bun and Deno end the process then.
  it.runIf(!('Bun' in globalThis || 'Deno' in globalThis))(
    'is told that the worker ran out of memory',
    async () => {
      const { code, stdout } = await program(
        `
        // By small steps, with no array that grows: one big allocation over the limit ends the whole process, whatever its thread.
        const grow = () => {
          for (let all; ; ) all = { all };
        };
        try { runSync(grow); } catch (error) { console.log(error.code, error.task, error.state); }
        console.log(runSync(() => 'a new one'));
        `,
        '--max-old-space-size=40',
      );

      expect([code, stdout]).toEqual([0, 'ERR_WORKER_DIED grow running\na new one\n']);
    },
  );
});
