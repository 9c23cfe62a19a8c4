/**
 * The tasks as ours declares them.
 *
 * @module
 */
import { type CopyContext, move, task } from '../../src/index.ts';

/** Next to nothing. */
export const increment: (n: number) => number = task(import.meta, function increment(n: number) {
  return n + 1;
});

/** The same, as `runSync` is there for it. */
export const incrementLater: (n: number) => Promise<number> = task(
  import.meta,
  async function incrementLater(n: number) {
    return n + 1;
  },
);

/** Occupies its thread without using a core, so that other load on the machine does not lengthen it. */
export const block: (ms: number) => number = task(import.meta, function block(ms: number) {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
  return ms;
});

/** Counts primes by trial division. */
export const primes: (range: { readonly from: number; readonly to: number }) => number = task(
  import.meta,
  function primes({ from, to }: { readonly from: number; readonly to: number }) {
    let found = 0;
    for (let n = Math.max(2, from); n < to; n++) {
      let prime = true;
      for (let d = 2; d * d <= n; d++)
        if (n % d === 0) {
          prime = false;
          break;
        }
      if (prime) found++;
    }
    return found;
  },
);

/** Sees that the bytes have come. */
export const lastByte: (buffer: ArrayBuffer | SharedArrayBuffer) => number = task(
  import.meta,
  function lastByte(buffer: ArrayBuffer | SharedArrayBuffer) {
    return new Uint8Array(buffer)[buffer.byteLength - 1] ?? 0;
  },
);

/** Takes all items that it can get of a shared source. */
export const takeAll: (context: CopyContext<number>) => Promise<void> = task(
  import.meta,
  async function takeAll({ items }: CopyContext<number>) {
    for await (const _ of items);
  },
);

/** Sends the bytes back, moved. */
export const bounce: (buffer: ArrayBuffer) => ArrayBuffer = task(
  import.meta,
  function bounce(buffer: ArrayBuffer) {
    return move(buffer);
  },
);
