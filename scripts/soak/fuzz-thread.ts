/**
 * 100,000 forged messages at the door of threads.
 *
 * @module
 */
import { fuzzThreads } from '../../test/engines/fuzz/thread-fuzz.ts';

/** So many pools at once: much of the time of one is a wait for the end of a grace. */
const POOLS = 10;

/** Says what came of it, and gives whether nothing went wrong. */
export async function soakThreadDoor(messages: number, seed: number): Promise<boolean> {
  const since = performance.now();
  const reports = await Promise.all(
    Array.from({ length: POOLS }, (_, i) => fuzzThreads(messages / POOLS, seed + i)),
  );
  const seconds = ((performance.now() - since) / 1000).toFixed(1);
  const sums: Record<string, number> = {};
  for (const { faults, outcomes, ...counts } of reports) {
    for (const [name, n] of Object.entries({ ...counts, ...outcomes }))
      sums[name] = (sums[name] ?? 0) + n;
  }
  const faults = reports.flatMap((report) => report.faults);
  console.log(`\nforged messages of threads in ${seconds} s, seed ${seed}`);
  console.table(sums);
  if (faults.length > 0) console.log('faults:', faults);
  return faults.length === 0;
}
