/**
 * Runs the engine contract without a test runner, so that any runtime can: `node`, `bun` or `deno run -A` with
 * `--conditions=@skein/source scripts/engine-contract.ts threads [part of the names]`.
 *
 * @module
 */
import * as skein from '../src/index.ts';
import { engineContract } from '../src/testing/index.ts';

const [, , name = 'threads', part = ''] = process.argv;
const make = name === 'processes' ? skein.processes : skein.threads;
let failed = 0;
let passed = 0;
for (const test of engineContract((size) => make({ size }))) {
  if (test.skip !== undefined || !test.name.includes(part)) continue;
  try {
    await test.run();
    passed++;
  } catch (error) {
    failed++;
    console.error(`FAILED ${test.name}\n  ${String(error).replaceAll('\n', '\n  ')}`);
  }
}
console.log(`${name}: ${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
