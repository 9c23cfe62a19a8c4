/**
 * Starts a worker thread.
 *
 * @module
 */
import { hostModule } from '../../runtime/runtime.ts';
import type { WorkerEnd } from '../pool/link.ts';
import type { PoolPlan } from '../pool/pool-options.ts';
import { workerEntry } from '../pool/worker-entry.ts';
import type { Board } from './layout.ts';
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

/** Options of the program itself, which a worker must not inherit: it has an entry of its own. */
const NOT_INHERITED =
  /^(?:--input-type|--eval|-e|--print|-p|-pe|--test|--inspect|--watch|--check|-c)\b/;

/** A worker has the options of the program by itself. Given by hand, those of V8 would be refused, so they are left out only where some must be. */
function inherited(): { readonly execArgv?: string[] } {
  const { execArgv } = process;
  if (!execArgv.some((option) => NOT_INHERITED.test(option))) return {};
  return { execArgv: execArgv.filter((option) => !NOT_INHERITED.test(option)) };
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
  };
  const entry = plan.entry ?? workerEntry('thread');
  const worker = new threads.Worker(entry, {
    eval: typeof entry === 'string' && plan.entry === undefined,
    workerData: data,
    transferList: [port2],
    name: `skein ${number}`,
    ...inherited(),
    ...(plan.memory !== undefined && {
      resourceLimits: { maxOldGenerationSizeMb: 2 * plan.memory },
    }),
  });
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
