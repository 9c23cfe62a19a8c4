/**
 * The soak of the reader of functions: drawn functions run on both sides, and all functions of the packages that are installed here are
 * read and compared with acorn.
 *
 * @module
 */
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { readPackages } from '../../test/shipping/reading/real-functions.ts';
import type { Tally } from '../../test/shipping/reading/sides-worker.ts';

const WORKER = new URL('../../test/shipping/reading/sides-worker.ts', import.meta.url);
const PACKAGES = new URL('../../node_modules/', import.meta.url);

/** Draws so many functions, from a seed on, and reads the real ones. Gives whether all is as it must be. */
export async function soakReader(count: number, seed: number): Promise<boolean> {
  const since = performance.now();
  const worker = new Worker(WORKER, { workerData: { first: seed, count } });
  const [{ fates, needlessly, wrong }] = (await once(worker, 'message')) as [Tally];
  await worker.terminate();
  const seconds = ((performance.now() - since) / 1000).toFixed(1);
  console.log(`\nreader: ${count} functions drawn in ${seconds} s, from seed ${seed} on`);
  console.table(fates);
  console.log('strict ones that are refused and use no variable around them, by why:', needlessly);
  for (const each of wrong.slice(0, 5)) console.log(each);
  const found = readPackages(PACKAGES, packages());
  console.log('real functions:');
  console.table(
    Object.fromEntries(
      Object.entries(found).map(([what, many]) => [what, Array.isArray(many) ? many.length : many]),
    ),
  );
  for (const each of [...found.less, ...found.more, ...found.unread].slice(0, 5)) console.log(each);
  return wrong.length === 0 && found.less.length === 0;
}

function packages(): string[] {
  return readdirSync(PACKAGES, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !/^[.]|^node-/.test(entry.name))
    .map(({ name }) => name);
}
