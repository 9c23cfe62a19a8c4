// What workers of all contenders run: plain functions of one argument.

/** Next to nothing. @param {number} n */
export function increment(n) {
  return n + 1;
}

/** Occupies its thread without using a core, so that other load on the machine does not lengthen it. @param {number} ms */
export function block(ms) {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
  return ms;
}

/** Counts primes by trial division. @param {{ from: number, to: number }} range */
export function primes({ from, to }) {
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
}

/** Sees that the bytes have come. @param {ArrayBuffer | SharedArrayBuffer} buffer */
export function lastByte(buffer) {
  return new Uint8Array(buffer)[buffer.byteLength - 1];
}
