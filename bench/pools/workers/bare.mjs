// A worker without any library: one message in, one message out.
import { parentPort } from 'node:worker_threads';
import { block, increment, lastByte, primes } from './tasks.mjs';

const tasks = { block, increment, lastByte, primes };

parentPort.on('message', ({ task, argument }) => parentPort.postMessage(tasks[task](argument)));
