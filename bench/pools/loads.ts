/**
 * What pools are asked to do, whoever made them. A pool is opened, and every worker has run something, before a clock starts; it is closed
 * after the clock has stopped. Every result is looked at.
 *
 * @module
 */
import type { Delayed, Staged } from '../case.ts';
import type { OpenPool, Pool } from './pool.ts';

/** So many workers in all cases. */
export const WORKERS = 2;

/** Opens a pool and keeps all workers busy at the same time once, so that none is still to be started. */
export async function warmPool(open: OpenPool): Promise<Pool> {
  const pool = await open(WORKERS);
  await Promise.all(Array.from({ length: WORKERS }, () => pool.run('block', 50)));
  await Promise.all(Array.from({ length: 200 }, (_, n) => pool.run('increment', n)));
  return pool;
}

function rightOnes(results: readonly number[]): number {
  return results.filter((result, n) => result === n + 1).length;
}

/** All at once, each a call of its own. */
export function atOnce(open: OpenPool): () => Promise<Staged> {
  return async () => {
    const pool = await warmPool(open);
    return {
      setUp: async (items) => async () => {
        const results: Promise<number>[] = [];
        for (let n = 0; n < items; n++) results.push(pool.run('increment', n));
        return rightOnes(await Promise.all(results));
      },
      tearDown: () => pool.close(),
    };
  };
}

/** All at once, as the package maps a function over many. */
export function mapped(open: OpenPool): () => Promise<Staged> {
  return async () => {
    const pool = await warmPool(open);
    return {
      setUp: async (items) => {
        const input = Array.from({ length: items }, (_, n) => n);
        return async () => rightOnes((await pool.incrementAll?.(input)) ?? []);
      },
      tearDown: () => pool.close(),
    };
  };
}

/** The next when the last has come back. */
export function oneByOne(open: OpenPool): () => Promise<Staged> {
  return async () => {
    const pool = await warmPool(open);
    return {
      setUp: async (items) => async () => {
        let right = 0;
        for (let n = 0; n < items; n++) if ((await pool.run('increment', n)) === n + 1) right++;
        return right;
      },
      tearDown: () => pool.close(),
    };
  };
}

/** Primes below this, in as many equal parts as there are items. */
const PRIMES_BELOW = 2_000_000;

/** A job that only a core can hasten. */
export function computing(open: OpenPool): () => Promise<Staged> {
  return async () => {
    const pool = await warmPool(open);
    return {
      setUp: async (items) => async () => {
        const part = PRIMES_BELOW / items;
        const ranges = Array.from({ length: items }, (_, n) => ({
          from: Math.round(n * part),
          to: Math.round((n + 1) * part),
        }));
        const found = await Promise.all(ranges.map((range) => pool.run('primes', range)));
        const all = found.reduce((sum, primes) => sum + primes, 0);
        if (all !== 148_933) throw new Error(`There are 148933 primes below 2 million: got ${all}`);
        return found.length;
      },
      tearDown: () => pool.close(),
    };
  };
}

const MEGABYTE = 2 ** 20;

function filled<B extends ArrayBuffer | SharedArrayBuffer>(buffer: B): B {
  new Uint8Array(buffer).fill(7);
  return buffer;
}

/** How a megabyte gets to a worker. */
export type Passing = 'copied' | 'moved' | 'shared';

/** One megabyte after the other, made before the clock starts. */
export function passing(how: Passing, open: OpenPool): () => Promise<Staged> {
  return async () => {
    const pool = await warmPool(open);
    return {
      setUp: async (items) => {
        const shared = filled(new SharedArrayBuffer(MEGABYTE));
        const one = filled(new ArrayBuffer(MEGABYTE));
        const each = how === 'moved' ? items : 0;
        const moved = Array.from({ length: each }, () => filled(new ArrayBuffer(MEGABYTE)));
        return async () => {
          let right = 0;
          for (let n = 0; n < items; n++) {
            const next = moved[n];
            const last = next
              ? await pool.move?.('lastByte', next)
              : await pool.run('lastByte', how === 'shared' ? shared : one);
            if (last === 7) right++;
          }
          return right;
        };
      },
      tearDown: () => pool.close(),
    };
  };
}

/** One megabyte that goes there and back, again and again. */
export function bouncing(open: OpenPool): () => Promise<Staged> {
  return async () => {
    const pool = await warmPool(open);
    return {
      setUp: async (items) => {
        let buffer: ArrayBuffer | undefined = filled(new ArrayBuffer(MEGABYTE));
        return async () => {
          let right = 0;
          for (let n = 0; n < items; n++) {
            buffer = await pool.bounce?.(buffer as ArrayBuffer);
            if (buffer?.byteLength === MEGABYTE) right++;
          }
          return right;
        };
      },
      tearDown: () => pool.close(),
    };
  };
}

/** How long until the last of 2,000 tiny tasks is done when a long one is among them. */
export function besideLong(open: OpenPool): () => Promise<Delayed> {
  return async () => {
    const pool = await warmPool(open);
    return {
      delay: async () => {
        const start = performance.now();
        const tiny: Promise<number>[] = [];
        for (let n = 0; n < 1000; n++) tiny.push(pool.run('increment', n));
        const long = pool.run('block', 300);
        for (let n = 1000; n < 2000; n++) tiny.push(pool.run('increment', n));
        const right = rightOnes(await Promise.all(tiny));
        const ms = performance.now() - start;
        if (right !== 2000 || (await long) !== 300) throw new Error('A result is wrong');
        return { ms };
      },
      tearDown: () => pool.close(),
    };
  };
}

/** Each of 20 clients has one task of 5 ms out at a time, for two seconds; the longest wait, and what an equal share would be. */
export function clients(open: OpenPool): () => Promise<Delayed> {
  return async () => {
    const pool = await warmPool(open);
    return {
      delay: async () => {
        const waits: number[] = [];
        const start = performance.now();
        const client = async (): Promise<void> => {
          for (let now = start; now - start < 2000; ) {
            await pool.run('block', 5);
            const then = now;
            now = performance.now();
            waits.push(now - then);
          }
        };
        await Promise.all(Array.from({ length: 20 }, client));
        const fairMs = ((performance.now() - start) * 20) / waits.length;
        return { ms: Math.max(...waits), fairMs };
      },
      tearDown: () => pool.close(),
    };
  };
}
