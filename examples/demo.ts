/**
 * The main job on real input: `skein map` hashes every file below node_modules, and the records are added up.
 * Run it with `npm run demo`; the records stay in .demo/digests.jsonl.
 *
 * @module
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, createWriteStream, mkdirSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const output = new URL('../.demo/digests.jsonl', import.meta.url);
mkdirSync(new URL('.', output), { recursive: true });

const args = [
  'map',
  'examples/hash-file.ts',
  '--in',
  'files',
  'node_modules/**',
  '--order',
  'done',
];
console.log(`$ skein ${args.join(' ')} > .demo/digests.jsonl`);

const started = performance.now();
const command = spawn(process.execPath, ['src/cli/main.ts', ...args], {
  cwd: root,
  stdio: ['ignore', 'pipe', 'inherit'],
});
const exited = once(command, 'exit');
await pipeline(command.stdout, createWriteStream(output));
const [code] = await exited;
const seconds = (performance.now() - started) / 1000;

let files = 0;
let bytes = 0;
let failed = 0;
for await (const line of createInterface({ input: createReadStream(output) })) {
  const record = JSON.parse(line) as { status: string; value?: { bytes: number } };
  files++;
  bytes += record.value?.bytes ?? 0;
  if (record.status !== 'done') failed++;
}

const megabytes = bytes / 1e6;
console.log(
  `${files} files, ${bytes} bytes, ${seconds.toFixed(2)} s, ${(megabytes / seconds).toFixed(1)} MB/s` +
    `${failed > 0 ? `, ${failed} failed` : ''}`,
);
process.exitCode = code === 0 && files > 0 ? 0 : 1;
