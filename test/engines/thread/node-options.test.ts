import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';

const run = promisify(execFile);
const entry = new URL('../../../src/index.ts', import.meta.url).href;

it.each(['--expose-gc', '--max-old-space-size=500', '--stack-trace-limit=50'])(
  'threads start in a program that was started with %s',
  async (option) => {
    const folder = await mkdtemp(join(tmpdir(), 'skein-options-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const program = join(folder, 'program.mjs');
    await writeFile(
      program,
      `import { inThread } from ${JSON.stringify(entry)};
     console.log(await inThread((n) => n + 1, 1));`,
    );
    const { stdout } = await run(process.execPath, [option, program]);

    expect(stdout).toBe('2\n');
  },
);
