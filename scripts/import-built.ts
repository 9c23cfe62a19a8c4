/**
 * Imports every built entry and runs the built command on the Node that runs this: the guard against syntax that the oldest
 * supported Node cannot parse and that the test runner would have lowered.
 *
 * @module
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const root = new URL('../', import.meta.url);
const pkg = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as {
  exports: Record<string, string | { default: string }>;
  bin: { skein: string };
};

for (const [entry, target] of Object.entries(pkg.exports)) {
  if (typeof target === 'string') continue;
  const module: object = await import(new URL(target.default, root).href);
  assert.ok(Object.keys(module).length > 0, `${entry} exports nothing`);
  console.log(`${entry}: ${Object.keys(module).length} exports on Node ${process.versions.node}`);
}

const output = execFileSync(
  process.execPath,
  [
    new URL(pkg.bin.skein, root).pathname,
    'map',
    'examples/hash-file.ts',
    '--in',
    'files',
    'LICENSE',
  ],
  { cwd: root, encoding: 'utf8' },
);
const record = JSON.parse(output) as { status: string };
assert.equal(record.status, 'done');
console.log('the built command runs a TypeScript module');
