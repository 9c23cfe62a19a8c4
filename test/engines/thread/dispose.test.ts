import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const run = promisify(execFile);
const entry = new URL('../../../src/index.ts', import.meta.url).href;

// Whether a thread that is still starting has let go of the process is a matter of timing: hence several programs.
it('holds the process until it is disposed, when that is the last thing a program awaits', async () => {
  const program = `import { threads } from ${JSON.stringify(entry)};
    const engine = threads({ size: 2 });
    await Promise.all(Array.from({ length: 2000 }, (_, n) => engine.submit((n) => n, [n], {})));
    await engine[Symbol.asyncDispose]();
    console.log('disposed');`;
  const programs = Array.from({ length: 6 }, () =>
    run(process.execPath, ['--input-type=module', '-e', program]),
  );
  const printed = (await Promise.all(programs)).map(({ stdout }) => stdout);

  expect(printed).toEqual(Array.from({ length: 6 }, () => 'disposed\n'));
});
