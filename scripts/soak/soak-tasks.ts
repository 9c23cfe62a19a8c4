/**
 * What the soak runs: bodies that record their start before they do anything else.
 *
 * @module
 */
import { openSync, writeFileSync, writeSync } from 'node:fs';
import { threadId } from 'node:worker_threads';
import { sleep } from '../../src/core/sleep.ts';
import { initData } from '../../src/engines/pool/init-data.ts';
import { task } from '../../src/shipping/declared.ts';

/** Where starts are recorded: shared memory for threads, a file for processes. A worker at work has a file in `folder`. */
export interface Ledger {
  readonly folder: string;
  readonly counts: SharedArrayBuffer | undefined;
}

let count: ((index: number) => void) | undefined;

function counter(): (index: number) => void {
  const { folder, counts } = initData() as Ledger;
  writeFileSync(`${folder}/worker-${process.pid}-${threadId}`, '');
  if (counts !== undefined) {
    const shared = new Int32Array(counts);
    return (index) => {
      Atomics.add(shared, index, 1);
    };
  }
  const fd = openSync(`${folder}/starts`, 'a');
  const bytes = Buffer.alloc(4);
  return (index) => {
    bytes.writeUInt32LE(index);
    writeSync(fd, bytes);
  };
}

function started(index: number): void {
  count ??= counter();
  count(index);
}

/** Is busy for so many microseconds. */
export function busy(index: number, micros: number): number {
  started(index);
  const until = performance.now() + micros / 1000;
  while (performance.now() < until);
  return index + 1;
}

/** What `later` gets. */
export interface LaterInput {
  readonly index: number;
  readonly ms: number;
}

/** Waits so many milliseconds; its value is an object. */
export async function later({ index, ms }: LaterInput): Promise<{ readonly value: number }> {
  started(index);
  await sleep(ms);
  return { value: index + 1 };
}

task(import.meta, busy);
task(import.meta, later);
