/**
 * What a worker thread of a pool runs.
 *
 * @module
 */
import { kernel } from '../../core/kernel.ts';
import { hostModule } from '../../runtime/runtime.ts';
import { setDepth } from '../pool/nesting.ts';
import { passOn } from '../shared/instances.ts';
import type { ThreadData } from './protocol.ts';
import { ThreadWorker } from './thread-worker.ts';

const { workerData } =
  hostModule<typeof import('node:worker_threads')>('node:worker_threads') ?? {};
const data = workerData as ThreadData | undefined;
if (data?.skein === 'thread') {
  setDepth(data.depth);
  const worker = new ThreadWorker(data);
  // What a body can reach it can close.
  Object.assign(data, { port: undefined, memory: undefined });
  kernel.poll = () => worker.poll();
  passOn((key, text) => worker.warn(key, text));
  process.on('exit', () => worker.flush());
  worker.start();
}
