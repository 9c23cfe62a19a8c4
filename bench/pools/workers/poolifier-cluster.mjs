import { ClusterWorker } from 'poolifier';
import { block, increment, lastByte, primes } from './tasks.mjs';

export default new ClusterWorker({ increment, block, lastByte, primes });
