/**
 * Runs the tests, and those files once more whose process the runtime took down: `node scripts/test.ts [vitest's arguments]`.
 *
 * V8 crashes now and then when many workers that strip types are started and ended (`Check failed: jit_page.has_value()`, or SIGSEGV; seen
 * with other packages too, https://github.com/nodejs/node/issues/64500). No test has failed then, and none has passed: they are run again.
 * A test that fails is not.
 *
 * @module
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';

const VITEST = fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url));
const COMPILE_CACHE = fileURLToPath(new URL('../node_modules/.cache/compile', import.meta.url));
const CRASHED =
  /exited unexpectedly with signal \w+ during \w+ state while running test file (\S+)/g;

/** Runs vitest and shows what it writes. Gives its exit code, and the files whose process crashed if nothing else was wrong. */
async function run(args: readonly string[]): Promise<{ code: number; crashed: readonly string[] }> {
  const child = spawn(process.execPath, [VITEST, 'run', ...args], {
    stdio: ['inherit', 'pipe', 'pipe'],
    env: {
      // Vitest would have its cache among the temporary files.
      NODE_COMPILE_CACHE: COMPILE_CACHE,
      ...process.env,
      ...(process.stdout.isTTY && { FORCE_COLOR: '1' }),
    },
  });
  let written = '';
  for (const [from, to] of [
    [child.stdout, process.stdout],
    [child.stderr, process.stderr],
  ] as const) {
    from.on('data', (chunk: Buffer) => {
      written += chunk;
      to.write(chunk);
    });
  }
  const [code] = await once(child, 'close');
  const text = stripVTControlCharacters(written);
  const crashed = [...text.matchAll(CRASHED)].map(([, file]) => file as string);
  const isAll = !/^\s*FAIL\s/m.test(text) && text.includes(` ${crashed.length} error`);
  return { code: Number(code ?? 1), crashed: isAll ? [...new Set(crashed)] : [] };
}

let { code, crashed } = await run(process.argv.slice(2));
if (code !== 0 && crashed.length > 0) {
  console.log(`\nThe runtime crashed in ${crashed.join(', ')}: once more.\n`);
  ({ code } = await run(crashed));
}
process.exitCode = code;
