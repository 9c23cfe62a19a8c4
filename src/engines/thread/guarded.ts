/**
 * The messages that the host itself exchanges with a thread: its output, and what it dies of. Node reads them in an event, and throws there
 * when one is not what it expects: an error with a field of 2,000 levels that nobody caught, or what a body has sent that got hold of the port.
 * That would end this process instead of that thread.
 *
 * @module
 */
import { textOf } from '../../core/arguments.ts';

type Worker = import('node:worker_threads').Worker;

/** Has a thread end when a message of its host cannot be taken in; its `error` event tells why. Where the host has no such method, nothing is to guard. */
export function guarded(worker: Worker): Worker {
  const end = (cause: unknown): void => {
    const error = new Error(`the host cannot read what it sent: ${textOf(cause)}`, { cause });
    (worker as { emit?(event: string, error: unknown): void }).emit?.('error', error);
    void worker.terminate();
  };
  const hears = symbolOf(Object.getPrototypeOf(worker) as object, 'kOnMessage');
  if (hears === undefined) return worker;
  const own = worker as unknown as Record<symbol, (message: unknown) => void>;
  const hear = own[hears] as (message: unknown) => void;
  own[hears] = (message) => {
    try {
      hear.call(worker, message);
    } catch (error) {
      end(error);
    }
  };
  for (const output of [worker.stdout, worker.stderr]) output.on('error', end);
  return worker;
}

function symbolOf(owner: object, description: string): symbol | undefined {
  return Object.getOwnPropertySymbols(owner).find((each) => each.description === description);
}
