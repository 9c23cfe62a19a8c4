/**
 * Starts a worker thread.
 *
 * @module
 */
import type { WorkerOptions } from 'node:worker_threads';
import { hostModule } from '../../runtime/runtime.ts';
import { inheritedOptions } from '../pool/exec-options.ts';
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

/** A thread has the options of the program by itself. They are named only where some must be left out. */
function execArgv(): { readonly execArgv?: string[] } {
  const options = inheritedOptions();
  return options.length === process.execArgv.length ? {} : { execArgv: options };
}

/** Makes a thread. Options that hold for the whole process, those of V8 among them, it has already, and refuses to be given. */
function makeWorker(
  { Worker }: Threads,
  entry: string | URL,
  options: WorkerOptions,
): InstanceType<Threads['Worker']> {
  try {
    return new Worker(entry, options);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'ERR_WORKER_INVALID_EXEC_ARGV') throw error;
    const refused = new Set(message.slice(message.indexOf(': ') + 2).split(', '));
    const allowed = options.execArgv?.filter((option) => !refused.has(option));
    return new Worker(entry, { ...options, execArgv: allowed ?? [] });
  }
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
  const worker = makeWorker(threads, entry, {
    eval: typeof entry === 'string' && plan.entry === undefined,
    workerData: data,
    transferList: [port2],
    name: `skein ${number}`,
    ...execArgv(),
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
