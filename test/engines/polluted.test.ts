import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const run = promisify(execFile);
const program = fileURLToPath(new URL('fixtures/polluted.ts', import.meta.url));

// A program of its own: what it does to Object.prototype nobody else must see.
it.each(['threads', 'processes'])(
  'what is written to Object.prototype is no option of %s, of its workers, nor of a call',
  async (engine) => {
    const { stdout } = await run(process.execPath, ['--conditions=@skein/source', program, engine]);

    expect(stdout).toBe('done\n');
  },
  120_000,
);
