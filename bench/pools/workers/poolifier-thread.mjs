import { ThreadWorker } from 'poolifier';
import { block, increment, lastByte, primes } from './tasks.mjs';

export default new ThreadWorker({ increment, block, lastByte, primes });
