// The tasks as ours declares them: the same functions, and those that only it has.
import { move, task } from '../../.built/index.js';
import * as tasks from './tasks.mjs';

export const increment = task(import.meta, tasks.increment);
export const block = task(import.meta, tasks.block);
export const primes = task(import.meta, tasks.primes);
export const lastByte = task(import.meta, tasks.lastByte);

/** As `runSync` is there for it. @param {number} n */
export const incrementLater = task(import.meta, async function incrementLater(n) {
  return n + 1;
});

/** Takes all items that it can get of a shared source. */
export const takeAll = task(import.meta, async function takeAll({ items }) {
  for await (const _ of items);
});

/** Sends the bytes back, moved. @param {ArrayBuffer} buffer */
export const bounce = task(import.meta, function bounce(buffer) {
  return move(buffer);
});
