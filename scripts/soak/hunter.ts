/**
 * Finds and kills the workers of this process from outside, as an operator or the kernel would.
 *
 * @module
 */
import { existsSync, readFileSync } from 'node:fs';
import type { Worker } from 'node:worker_threads';

/** Somebody who kills. */
export interface Hunter {
  /** Kills one worker that has begun to work; false when there is none. A worker that still starts is spared: three such deaths mean a broken start to a pool. */
  kill(pick: (count: number) => number): boolean;
  /** How many are alive. */
  readonly alive: number;
  stop(): void;
}

/** Threads: the host tells of each that starts. */
export function huntThreads(folder: string): Hunter {
  const workers = new Map<Worker, string>();
  const add = (worker: Worker): void => {
    workers.set(worker, `${folder}/worker-${process.pid}-${worker.threadId}`);
    worker.once('exit', () => workers.delete(worker));
  };
  process.on('worker', add);
  return {
    kill(pick) {
      const prey = [...workers].filter(([, file]) => existsSync(file));
      const worker = prey[pick(prey.length)]?.[0];
      if (worker === undefined) return false;
      workers.set(worker, 'killed');
      void worker.terminate();
      return true;
    },
    get alive() {
      return workers.size;
    },
    stop: () => void process.off('worker', add),
  };
}

/** Processes: the children that Linux lists. */
export function huntProcesses(folder: string): Hunter {
  const killed = new Set<number>();
  const children = (): number[] =>
    readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8')
      .split(' ')
      .filter((pid) => pid !== '')
      .map(Number);
  return {
    kill(pick) {
      const prey = children().filter(
        (pid) => !killed.has(pid) && existsSync(`${folder}/worker-${pid}-0`),
      );
      const pid = prey[pick(prey.length)];
      if (pid === undefined) return false;
      killed.add(pid);
      process.kill(pid, 'SIGKILL');
      return true;
    },
    get alive() {
      return children().length;
    },
    stop: () => undefined,
  };
}
