/**
 * Starts a worker thread.
 *
 * @module
 */
import { hostModule } from '../../runtime/runtime.ts';
import type { WorkerEnd } from '../pool/link.ts';
import { depthHere } from '../pool/nesting.ts';
import type { PoolPlan } from '../pool/pool-options.ts';
import { workerEntry } from '../pool/worker-entry.ts';
import { limitsOf, startWithOwnLimit } from './heap-limit.ts';
import type { Board } from './layout.ts';
import { makeWorker } from './make-worker.ts';
import type { ThreadData } from './protocol.ts';

type Threads = typeof import('node:worker_threads');

/** A worker thread that has been started. */
export interface Thread {
  readonly port: ThreadData['port'];
  /** Called once, when it is gone. */
  onExit(exited: (end: WorkerEnd) => void): void;
  ref(): void;
  unref(): void;
  terminate(): void;
}

/** Starts one. */
export function startThread(plan: PoolPlan, number: number, board: Board): Thread {
  const threads = hostModule<Threads>('node:worker_threads');
  if (threads === undefined) {
    throw new Error('Cannot start a thread here: this runtime has no node:worker_threads');
  }
  const { port1: port, port2 } = new threads.MessageChannel();
  const data: ThreadData = {
    skein: 'thread',
    memory: board.memory,
    port: port2,
    init: plan.init,
    heap: plan.memory === undefined ? undefined : plan.memory * 2 ** 20,
    depth: depthHere() + 1,
  };
  const entry = plan.entry ?? workerEntry('thread');
  const given = {
    eval: typeof entry === 'string' && plan.entry === undefined,
    workerData: data,
    transferList: [port2],
    name: `skein ${number}`,
  };
  const { memory } = plan;
  const worker =
    memory === undefined
      ? makeWorker(threads, entry, given)
      : startWithOwnLimit(() =>
          makeWorker(threads, entry, { ...given, resourceLimits: limitsOf(2 * memory) }),
        );
  let error: unknown;
  worker.on('error', (thrown: unknown) => {
    error = thrown;
  });
  return {
    port,
    onExit: (exited) => void worker.once('exit', (exitCode) => exited({ exitCode, error })),
    ref: () => worker.ref(),
    unref: () => worker.unref(),
    terminate: () => void worker.terminate(),
  };
}
