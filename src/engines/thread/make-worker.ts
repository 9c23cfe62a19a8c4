/**
 * Makes a worker thread with the options of this process that a worker can have.
 *
 * @module
 */
import type { WorkerOptions } from 'node:worker_threads';
import { bare } from '../../core/own-options.ts';
import { inheritedEnv, inheritedOptions } from '../pool/exec-options.ts';
import { guarded } from './guarded.ts';

type Threads = typeof import('node:worker_threads');

/**
 * Makes one. Options that hold for the whole process, those of V8 among them, it has already, and refuses to be given.
 *
 * @throws what the host says of a thread that cannot be made
 */
export function makeWorker(
  { Worker }: Threads,
  entry: string | URL,
  given: WorkerOptions,
): InstanceType<Threads['Worker']> {
  const options: WorkerOptions = bare({ ...given, ...inherited() });
  try {
    return guarded(new Worker(entry, options));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'ERR_WORKER_INVALID_EXEC_ARGV') throw error;
    const refused = new Set(message.slice(message.indexOf(': ') + 2).split(', '));
    const allowed = options.execArgv?.filter((option) => !refused.has(option));
    return guarded(new Worker(entry, bare({ ...options, execArgv: allowed ?? [] })));
  }
}

/** A thread has the options of the program by itself. They are named only where some must be left out. */
function inherited(): Pick<WorkerOptions, 'execArgv' | 'env'> {
  const execArgv = inheritedOptions();
  const env = inheritedEnv();
  // Another environment makes the host forget the options of the command line.
  if (env !== undefined) return { execArgv, env };
  return execArgv.length === process.execArgv.length ? {} : { execArgv };
}
