/**
 * Watches over programs that never leave their turn of the event loop: nothing in their own thread could stop them. It tells which one it is
 * and ends the process.
 *
 * @module
 */
import { Worker } from 'node:worker_threads';

/** So long a program may take, in real milliseconds. Most take one. */
const PATIENCE_MS = 30_000;

const LOOKS = `
  const { workerData: { board, patience } } = require('node:worker_threads');
  const { writeSync } = require('node:fs');
  let seed = -1;
  let since = 0;
  setInterval(() => {
    const now = Atomics.load(board, 0);
    if (now !== seed) since = Date.now();
    seed = now;
    if (seed < 0 || Date.now() - since < patience) return;
    writeSync(2, \`\\nThe random program of seed \${seed} has not ended in \${patience} ms\\n\`);
    process.kill(process.pid, 'SIGKILL');
  }, 500);
`;

/** A thread that watches. */
export class Watchdog implements Disposable {
  readonly #board = new Int32Array(new SharedArrayBuffer(4)).fill(-1);
  readonly #worker: Worker;

  constructor() {
    const workerData = { board: this.#board, patience: PATIENCE_MS };
    this.#worker = new Worker(LOOKS, { eval: true, workerData });
    this.#worker.unref();
  }

  /** The program of this seed begins. */
  watch(seed: number): void {
    Atomics.store(this.#board, 0, seed);
  }

  /** Nobody is to be watched. */
  rest(): void {
    Atomics.store(this.#board, 0, -1);
  }

  [Symbol.dispose](): void {
    void this.#worker.terminate();
  }
}
