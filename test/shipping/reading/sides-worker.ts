/**
 * Compares drawn functions on both sides, in two threads of their own: what is drawn fills the globals, and leaves promises behind.
 *
 * @module
 */
import { once } from 'node:events';
import { parentPort, Worker, workerData } from 'node:worker_threads';
import type { Shipment } from '../../../src/shipping/shipment.ts';
import { compareSides, type Fate, type Outcome } from './both-sides.ts';

/** What came of many. */
export interface Tally {
  readonly fates: Readonly<Record<Fate, number>>;
  /** Refused, although no variable around them is used. */
  readonly needlessly: Readonly<Record<string, number>>;
  readonly wrong: readonly (Outcome & { readonly seed: number })[];
}

process.on('unhandledRejection', () => undefined);
const { first, count } = workerData as { readonly first: number; readonly count: number };
const fates: Record<Fate, number> = {
  'no code': 0,
  refused: 0,
  equal: 0,
  louder: 0,
  different: 0,
  misread: 0,
};
const needlessly: Record<string, number> = {};
const wrong: (Outcome & { readonly seed: number })[] = [];
const other = new Worker(new URL('./there-worker.ts', import.meta.url));

async function runThere(shipment: Shipment): Promise<string> {
  other.postMessage(shipment);
  const [shown] = (await once(other, 'message')) as [string];
  return shown;
}

for (let seed = first; seed < first + count; seed++) {
  const outcome = await compareSides(seed, runThere);
  fates[outcome.fate] += 1;
  if (outcome.needlessly !== undefined) {
    needlessly[outcome.needlessly] = (needlessly[outcome.needlessly] ?? 0) + 1;
  }
  if (/different|misread/.test(outcome.fate)) wrong.push({ ...outcome, seed });
}
await other.terminate();
parentPort?.postMessage({ fates, needlessly, wrong } satisfies Tally);
