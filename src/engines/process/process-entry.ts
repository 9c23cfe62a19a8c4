/**
 * What a child process of a pool runs.
 *
 * @module
 */
import { kernel } from '../../core/kernel.ts';
import { setDepth } from '../pool/nesting.ts';
import { passOn } from '../shared/instances.ts';
import { requireClonable } from './clonable.ts';
import { Ledger } from './ledger.ts';
import { ProcessWorker } from './process-worker.ts';
import { FD, MARK, type StartData, TO_CHILD, TO_POOL } from './protocol.ts';
import { startWatcher } from './watcher.ts';

// A body may replace them.
const { exit } = process;
const sendUp = process.send?.bind(process);

function start(data: StartData): void {
  setDepth(data.depth);
  const send = (message: readonly unknown[]): void => {
    requireClonable(message);
    sendUp?.(message, undefined, undefined, ignore);
  };
  const worker = new ProcessWorker(data, Ledger.inherited(FD.ledger, data.secret), send);
  process.on('message', (message: unknown) => {
    if (isOurs(message)) worker.take(message);
  });
  process.on('exit', () => worker.leave());
  passOn((key, text) => send([MARK, TO_POOL.warned, key, text]));
  worker.start();
  worker.hear = startWatcher(worker.claims, FD.life);
  kernel.poll = () => worker.poll();
}

function isOurs(message: unknown): message is readonly unknown[] {
  return Array.isArray(message) && message[0] === MARK;
}

function ignore(): void {
  // The parent is gone: so will be this process.
}

if (sendUp !== undefined) {
  const first = (message: unknown): void => {
    if (!isOurs(message) || message[1] !== TO_CHILD.start) return;
    process.off('message', first);
    process.on('disconnect', () => exit.call(process));
    start(message[2] as StartData);
  };
  process.on('message', first);
}
