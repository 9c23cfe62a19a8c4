import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Shipment } from '../../src/shipping/shipment.ts';

const code = `
const { parentPort, workerData } = require('node:worker_threads');
const url = (name) => new URL(name, workerData).href;
parentPort.on('message', async ([shipment, args]) => {
  try {
    const { load } = await import(url('load.ts'));
    const { explain } = await import(url('explain.ts'));
    try {
      const fn = await load(shipment);
      parentPort.postMessage({ name: fn.name, value: await fn(...args) });
    } catch (error) { throw explain(error, shipment); }
  } catch (error) {
    const { name, code, message, captured, url, task, cause } = error;
    parentPort.postMessage({ error: { name, code, message, captured, url, task, cause: String(cause) } });
  }
});
`;

/** What a worker answers: the value, or what was thrown, as plain data. */
export interface Answer {
  readonly name?: string;
  readonly value?: unknown;
  readonly error?: {
    readonly name: string;
    readonly code: string;
    readonly message: string;
    readonly captured?: readonly string[];
    readonly cause: string;
  };
}

/** Another heap, with nothing in it but the worker's side of shipping. */
export class BareWorker implements AsyncDisposable {
  readonly #worker = new Worker(code, {
    eval: true,
    workerData: new URL('../../src/shipping/', import.meta.url).href,
    stdout: true,
    stderr: true,
  });

  /** Runs what was shipped. */
  async run(shipment: Shipment, ...args: readonly unknown[]): Promise<Answer> {
    this.#worker.postMessage([JSON.parse(JSON.stringify(shipment)), args]);
    const [answer] = await once(this.#worker, 'message');
    return answer as Answer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker.terminate();
  }
}
