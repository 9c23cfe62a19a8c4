/**
 * What a queue that is full does with one item more: drop it, drop the oldest, or refuse.
 *
 * @module
 */
import { type Overflow, select, WouldBlock } from 'skein';
import { virtual } from 'skein/testing';
import { describe, expect, it } from 'vitest';
import { failure, inLine } from '../sync/support.ts';
import { type QueueLike, takeAll } from './queue-kind.ts';

/** Runs the contract for what `make` makes. */
export function overflowContract(
  name: string,
  oldest: 'oldest too' | 'no oldest',
  make: (capacity: number, overflow: Overflow) => QueueLike,
): void {
  describe(`overflow of a ${name}`, () => {
    it('drop-newest: a put ends at once, and what was inside stays', () =>
      virtual(async () => {
        const queue = make(1, 'drop-newest');
        await queue.put(5);
        await queue.put(6);

        expect(queue.tryPut(7)).toBe(true);
        expect(await select({ put: queue.putting(8) })).toMatchObject({ key: 'put' });
        expect(takeAll(queue)).toEqual([5]);
      }));

    it.skipIf(oldest === 'no oldest')('drop-oldest: what came last is inside', () =>
      virtual(async () => {
        const queue = make(2, 'drop-oldest');
        for (const item of [1, 2, 3]) await queue.put(item);

        expect(queue.tryPut(4)).toBe(true);
        await select({ put: queue.putting(5) });
        expect(takeAll(queue)).toEqual([4, 5]);
      }),
    );

    it('reject: a put throws, and what was inside stays', () =>
      virtual(async () => {
        const queue = make(1, 'reject');
        await queue.put(5);

        expect(await failure(queue.put(6))).toBeInstanceOf(WouldBlock);
        expect(await failure(queue.put(6))).toMatchObject({ code: 'ERR_WOULD_BLOCK' });
        expect(queue.tryPut(7)).toBe(false);
        expect(await failure(select({ put: queue.putting(8) }))).toBeInstanceOf(WouldBlock);
        expect(takeAll(queue)).toEqual([5]);
      }));

    it.each(['drop-newest', 'reject'] as const)('%s: who waits for an item gets it', (overflow) =>
      virtual(async () => {
        const queue = make(1, overflow);
        const [first, second] = await inLine([() => queue.get(), () => queue.get()]);

        await queue.put(1);
        await queue.put(2);

        expect([await first, await second]).toEqual([1, 2]);
      }),
    );
  });
}
