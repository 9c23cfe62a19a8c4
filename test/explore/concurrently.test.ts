import { concurrently, isCancelled, scope, sleep, UnhandledErrors } from 'skein';
import { explore } from 'skein/testing';
import { describe, expect, it } from 'vitest';

describe('copies under every interleaving', () => {
  it('stop at any moment: each item was handled, or is unfinished, or was never taken', async () => {
    const { runs } = await explore(
      async () => {
        const taken: number[] = [];
        const handled: number[] = [];
        const waiter = concurrently(2, { source: [0, 1, 2] }, async ({ items }) => {
          for await (const item of items) {
            taken.push(item);
            await sleep(1);
            handled.push(item);
          }
        });
        await sleep(1);
        await waiter.stop();
        await waiter();

        const unfinished = waiter.unfinished.map(({ item }) => item as number);
        expect(new Set(taken).size).toBe(taken.length);
        expect(new Set(handled).size).toBe(handled.length);
        for (const item of taken) {
          expect([item, handled.includes(item) || unfinished.includes(item)]).toEqual([item, true]);
        }
        expect(waiter.exceptions).toEqual([]);
      },
      { strategy: 'random', runs: 500 },
    );
    expect(runs).toBe(500);
  });

  it('a failure with fail-hard: that error, however the copies are ordered', async () => {
    await explore(
      async () => {
        let alive = 0;
        const waiter = concurrently(3, {}, async ({ index }) => {
          alive++;
          try {
            await sleep(index);
            if (index === 1) throw new Error('one');
            await sleep(10);
          } finally {
            alive--;
          }
        });
        const error = await waiter({ failHard: true }).catch((e: unknown) => e);
        expect(String(error)).toBe('Error: one');
        expect(alive).toBe(0);
        const later = await waiter().catch((e: unknown) => e);
        expect(later).toBeInstanceOf(UnhandledErrors);
        expect((later as UnhandledErrors).errors).toEqual([error]);
      },
      { strategy: 'random', runs: 500 },
    );
  });

  it('a cancellation anywhere: nothing runs on, nothing hangs', async () => {
    await explore(
      async () => {
        let alive = 0;
        const ended = await scope(async () => {
          const waiter = concurrently(2, { source: [1, 2, 3] }, async ({ items }) => {
            alive++;
            try {
              for await (const _ of items) await sleep(1);
            } finally {
              alive--;
            }
          });
          await waiter();
          return 'done';
        }).catch((error: unknown) => {
          if (!isCancelled(error)) throw error;
          return 'cancelled';
        });
        expect(['done', 'cancelled']).toContain(ended);
        expect(alive).toBe(0);
      },
      { strategy: 'random', runs: 500, cancelAnywhere: true },
    );
  });
});
