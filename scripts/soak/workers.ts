/**
 * Finds and kills the workers of this process from outside, as an operator or the kernel would.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import type { Worker } from 'node:worker_threads';

/** Somebody who can be killed. */
export interface Hunter {
  /** Kills one worker that is at work now; false when there is none. */
  kill(pick: (count: number) => number): boolean;
  /** How many are alive. */
  readonly alive: number;
  stop(): void;
}

/** Threads: the host tells of each that starts. */
export function huntThreads(): Hunter {
  const workers = new Set<Worker>();
  const add = (worker: Worker): void => {
    workers.add(worker);
    worker.once('exit', () => workers.delete(worker));
  };
  process.on('worker', add);
  return {
    kill(pick) {
      const worker = [...workers][pick(workers.size)];
      void worker?.terminate();
      return worker !== undefined;
    },
    get alive() {
      return workers.size;
    },
    stop: () => void process.off('worker', add),
  };
}

/** Processes: the children that Linux lists. */
export function huntProcesses(): Hunter {
  const children = (): number[] =>
    readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8')
      .split(' ')
      .filter((pid) => pid !== '')
      .map(Number);
  return {
    kill(pick) {
      const all = children();
      const pid = all[pick(all.length)];
      if (pid === undefined) return false;
      process.kill(pid, 'SIGKILL');
      return true;
    },
    get alive() {
      return children().length;
    },
    stop: () => undefined,
  };
}
