import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { exitCodeOf } from './exit-code.ts';

const entry = new URL('../../src/index.ts', import.meta.url).href;

let folder = '';
let programs = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skein-run-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** How a program ended, and what it said. */
export interface EndedProgram {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Milliseconds from the last signal to the end. */
  readonly after: number;
}

/**
 * Runs a program, with everything that skein exports imported, in a process of its own. It sends the signals one after the other, each
 * when the program has said `ready` once more.
 */
export async function program(
  code: string,
  ...signals: readonly NodeJS.Signals[]
): Promise<EndedProgram> {
  const path = join(folder, `program-${++programs}.mjs`);
  await writeFile(path, `import * as skein from ${JSON.stringify(entry)};\n${NAMES}\n${code}`);
  const child = spawn(process.execPath, [path]);
  let stdout = '';
  let stderr = '';
  let last = performance.now();
  const left = [...signals];
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk;
    for (const _ of chunk.match(/ready/g) ?? []) {
      const signal = left.shift();
      if (signal === undefined) continue;
      process.kill(child.pid as number, signal);
      last = performance.now();
    }
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk;
  });
  const exitCode = await exitCodeOf(child);
  return { code: exitCode, stdout, stderr, after: performance.now() - last };
}

const NAMES =
  'const { concurrently, currentScope, detached, inThread, map, Queue, run, schedule, scope, shield, sleep, sleepForever } = skein;';
