/**
 * Bugs that others had, each as a test: what they lost must not be lost here.
 *
 * @module
 */
import { readdir, readFile } from 'node:fs/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import {
  BoundedSemaphore,
  Condition,
  gather,
  isCancelled,
  Lock,
  Queue,
  Semaphore,
  scope,
  select,
  sleep,
} from 'skein';
import { virtual } from 'skein/testing';
import { describe, expect, it } from 'vitest';
import { failure, inLine, stop } from './support.ts';

/** Where the host lets us. */
function collectGarbage(): void {
  try {
    setFlagsFromString('--expose-gc');
    runInNewContext('gc')();
  } catch {
    // Bun and Deno have it under other names; there the test only shows that the abort arrives.
  }
}

const SRC = new URL('../../src/', import.meta.url);

describe('what others lost', () => {
  // https://github.com/agronholm/anyio/pull/1145: a waiter cancelled between release and resume stranded those behind it.
  it.each([
    ['Lock', () => new Lock()],
    ['Semaphore', () => new Semaphore(1)],
  ] as const)(
    'anyio: a %s whose first waiter is cancelled around the release goes to the second',
    (_, make) =>
      virtual(async () => {
        for (const order of ['cancel, release', 'release, cancel']) {
          const lock = make();
          const held = await lock.acquire();
          const [first, second] = await inLine([
            () => lock.with(() => 'first'),
            () => lock.with(() => 'second'),
          ]);

          if (order === 'release, cancel') held.release();
          first?.cancel();
          held.release();

          expect(await second).toBe('second');
          await first?.settled();
          lock.tryAcquire()?.release();
          expect(lock.stats().waiting).toBe(0);
        }
      }),
  );

  // https://github.com/agronholm/anyio/issues/1170: a grant was lost when the waiter was cancelled after it.
  it('anyio #1170: a permit granted to a task that is then cancelled is given back by that task', () =>
    virtual(async () => {
      const semaphore = new BoundedSemaphore(1);
      const held = await semaphore.acquire();
      const [first, second] = await inLine<unknown>([
        () => semaphore.with(() => sleep(1)),
        () => semaphore.with(() => 'second'),
      ]);

      held.release();
      first?.cancel();

      expect(await second).toBe('second');
      expect((await first?.settled())?.status).toBe('cancelled');
      expect(semaphore.available).toBe(1);
    }));

  // https://github.com/python/cpython/issues/112202: notify reached a task that was being cancelled, and woke nobody.
  it('asyncio: a notification is not lost to a task that was cancelled before it', () =>
    virtual(async () => {
      const condition = new Condition();
      const wait = () => condition.lock.with(() => condition.wait().then(() => 'notified'));
      const [first, second] = await inLine([wait, wait]);

      const lease = await condition.acquire();
      first?.cancel();
      condition.notify();
      lease.release();

      expect(await second).toBe('notified');
      expect((await first?.settled())?.status).toBe('cancelled');
    }));

  // https://github.com/python/cpython/pull/111694: a cancellation while the lock was taken again was swallowed or replaced.
  it('asyncio: a cancellation while a condition takes its lock again is not swallowed', () =>
    virtual(async () => {
      const condition = new Condition();
      const log: unknown[] = [];
      const [task] = await inLine([
        () =>
          condition.lock.with(async () => {
            await condition.wait();
            log.push('notified', condition.lock.locked, isCancelled(await failure(sleep(1))));
          }),
      ]);

      const lease = await condition.acquire();
      condition.notify();
      await sleep(1);
      task?.cancel();
      lease.release();
      await task?.settled();

      expect(log).toEqual(['notified', true, true]);
      expect(condition.lock.locked).toBe(false);
    }));

  // https://github.com/python/cpython/issues/86766: a cancelled Condition.wait ended without the lock.
  it('asyncio: a cancelled wait of a condition does not end without the lock', () =>
    virtual(async () => {
      const condition = new Condition();
      const lease = await condition.acquire();

      await failure(condition.wait({ timeout: 1 }));

      expect(condition.lock.locked).toBe(true);
      lease.release();
    }));

  // https://github.com/python/asyncio/pull/256: put_nowait, then a cancellation of the getter, lost the item.
  it('asyncio: an item is not lost when its getter is cancelled after the put', () =>
    virtual(async () => {
      const queue = new Queue<number>();
      const seen: number[] = [];
      const [task] = await inLine([
        async () => {
          seen.push(await queue.get());
        },
      ]);

      queue.tryPut(1);
      task?.cancel();
      await task?.settled();

      expect([...seen, queue.tryGet()?.value].filter((n) => n !== undefined)).toEqual([1]);
    }));

  // https://github.com/python/asyncio/issues/201: wait_for around Queue.get lost items.
  it('asyncio: gets with time-outs lose no item', () =>
    virtual(async () => {
      const queue = new Queue<number>();
      const seen: number[] = [];

      await scope((s) => {
        s.spawn(async () => {
          for (let n = 0; n < 50; n++) {
            await sleep(3);
            await queue.put(n);
          }
          queue.close();
        });
        s.spawn(async () => {
          for (;;) {
            try {
              seen.push(await queue.get({ timeout: 3 }));
            } catch (error) {
              if ((error as { code?: string }).code !== 'ERR_TIMED_OUT') return;
            }
          }
        });
      });

      expect(seen).toEqual(Array.from({ length: 50 }, (_, n) => n));
    }));

  // https://github.com/python/asyncio/pull/269: a putter that was let in and then cancelled left its place empty for ever.
  it('asyncio: the place of a put that was cancelled goes to the next one', () =>
    virtual(async () => {
      const queue = new Queue<number>({ max: 1 });
      queue.tryPut(1);
      const [first, second] = await inLine([() => queue.put(2), () => queue.put(3)]);

      first?.cancel();
      queue.tryGet();

      await second;
      await first?.settled();
      expect(queue.tryGet()?.value).toBe(3);
    }));

  it('Promise.race over two queues loses an item; select does not', () =>
    virtual(async () => {
      const [a, b] = [new Queue<string>(), new Queue<string>()];
      const [raced] = await inLine([() => Promise.race([a.get(), b.get()])]);
      a.tryPut('a');
      b.tryPut('lost');
      await raced;
      expect(b.size).toBe(0);

      const [chosen] = await inLine([() => select({ a: a.got, b: b.got })]);
      a.tryPut('a');
      b.tryPut('kept');
      await chosen;
      expect(b.tryGet()).toEqual({ value: 'kept' });
    }));

  // aioextensions.acquire_many takes its permits one by one.
  it('aioextensions: two who want 3 of 4 permits do not hold each other up', () =>
    virtual(async () => {
      const semaphore = new Semaphore(4);
      const use = () => semaphore.with(() => sleep(1), 3);

      await gather([use, use]);

      expect(semaphore.available).toBe(4);
    }));

  it('aioextensions: a request for several permits that is cancelled keeps none', () =>
    virtual(async () => {
      const semaphore = new BoundedSemaphore(5);
      const four = await semaphore.acquire(4);
      const tasks = await inLine([() => semaphore.acquire(3)]);
      four.release();
      tasks[0]?.cancel();
      (await tasks[0])?.release();
      const again = await semaphore.acquire(4);
      await stop(...(await inLine([() => semaphore.acquire(3)])));
      again.release();

      expect(semaphore.available).toBe(5);
    }));

  // https://github.com/DirtyHairy/async-mutex/issues/67: cancel() turned waiters away, and release() by anybody let a second one in.
  it('async-mutex: cancelling those who wait leaves the holder alone, and nobody gets in beside it', () =>
    virtual(async () => {
      const lock = new Lock();
      let inside = 0;
      let most = 0;
      const work = () =>
        lock.with(async () => {
          most = Math.max(most, ++inside);
          await sleep(10);
          inside--;
        });
      const [holder, ...waiters] = await inLine([work, work, work]);

      await stop(...waiters);
      const [late] = await inLine([work]);
      await holder;
      await late;

      expect([most, lock.locked, lock.stats().waiting]).toEqual([1, false, 0]);
    }));

  // https://github.com/DirtyHairy/async-mutex/issues/54: isLocked stayed true after the release while timed-out waiters were cleaned up.
  it('async-mutex: a lock is free the moment it is released, whoever timed out before', () =>
    virtual(async () => {
      const lock = new Lock();
      const held = await lock.acquire();
      for (const task of await inLine([1, 2].map(() => () => lock.acquire({ timeout: 5 })))) {
        await task.settled();
      }

      held.release();

      expect(lock.locked).toBe(false);
    }));

  // https://github.com/nodejs/node/issues/65995: AbortSignal.any() lost an abort whose source was garbage.
  it('nodejs/node #65995: an abort is not lost when nobody but the wait knows its signal', () =>
    virtual(async () => {
      const queue = new Queue<number>();
      let controller: AbortController | undefined = new AbortController();
      const waiting = failure(queue.get({ signal: controller.signal }));

      controller.abort('stop');
      controller = undefined;
      collectGarbage();

      expect(await waiting).toBe('stop');
      expect(queue.stats().waitingGet).toBe(0);
    }));

  it('nodejs/node #65995: and no signal of ours is made of others', async () => {
    const files = (await readdir(SRC, { recursive: true })).filter((name) => name.endsWith('.ts'));
    const sources = await Promise.all(files.map((name) => readFile(new URL(name, SRC), 'utf8')));

    expect(sources.length).toBeGreaterThan(50);
    expect(sources.filter((source) => /AbortSignal\.any\(/.test(source))).toEqual([]);
  });
});
