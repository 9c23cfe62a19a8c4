/**
 * What the soak runs: bodies that record their start before they do anything else.
 *
 * @module
 */
import { openSync, writeSync } from 'node:fs';
import { initData, sleep, task } from '../../src/index.ts';

/** Where starts are recorded: shared memory for threads, a file for processes. */
export type Record = { readonly counts: SharedArrayBuffer } | { readonly file: string };

let count: ((index: number) => void) | undefined;

function recorder(): (index: number) => void {
  const record = initData() as Record;
  if ('counts' in record) {
    const counts = new Int32Array(record.counts);
    return (index) => void Atomics.add(counts, index, 1);
  }
  const fd = openSync(record.file, 'a');
  const bytes = Buffer.alloc(4);
  return (index) => {
    bytes.writeUInt32LE(index);
    writeSync(fd, bytes);
  };
}

function started(index: number): void {
  count ??= recorder();
  count(index);
}

/** Is busy for so many microseconds. */
export function busy(index: number, micros: number): number {
  started(index);
  const until = performance.now() + micros / 1000;
  while (performance.now() < until);
  return index + 1;
}

/** Waits so many milliseconds; its value is an object. */
export async function later(input: { readonly index: number; readonly ms: number }): Promise<{
  readonly value: number;
}> {
  started(input.index);
  await sleep(input.ms);
  return { value: input.index + 1 };
}

task(import.meta, busy);
task(import.meta, later);
