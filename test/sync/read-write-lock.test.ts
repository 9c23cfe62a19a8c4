import { Deadlock, type Lease, ReadWriteLock, schedule, scope, select, sleep } from 'skein';
import { virtual } from 'skein/testing';
import { describe, expect, it } from 'vitest';
import { failure, inLine } from './support.ts';

/** Stands in line with `R` and `W` in this order behind a writer; gives the order in which they get in. */
async function served(lock: ReadWriteLock, wants: string): Promise<string[]> {
  const log: string[] = [];
  const held = await lock.write();
  const tasks = await inLine(
    [...wants].map((want, n) => async () => {
      const lease = want === 'R' ? await lock.read() : await lock.write();
      log.push(`${want}${n}`);
      await sleep(1);
      lease.release();
    }),
  );
  held.release();
  for (const task of tasks) await task;
  expect([lock.readers, lock.writing]).toEqual([0, false]);
  return log;
}

describe('ReadWriteLock', () => {
  it('lets in many readers or one writer', () =>
    virtual(async () => {
      const lock = new ReadWriteLock();
      const readers = [await lock.read(), lock.tryRead(), lock.tryRead()];
      expect([lock.readers, lock.writing, lock.tryWrite()]).toEqual([3, false, undefined]);
      for (const reader of readers) reader?.release();

      const writer = lock.tryWrite();
      expect([lock.readers, lock.writing, lock.tryRead()]).toEqual([0, true, undefined]);
      writer?.release();
      expect([lock.readers, lock.writing]).toEqual([0, false]);
    }));

  it.each([
    ['fifo', 'RWRWR', ['R0', 'W1', 'R2', 'W3', 'R4']],
    ['writer', 'RWRWR', ['W1', 'W3', 'R0', 'R2', 'R4']],
    ['reader', 'RWRWR', ['R0', 'R2', 'R4', 'W1', 'W3']],
    [undefined, 'WRRW', ['W0', 'R1', 'R2', 'W3']],
  ] as const)('prefer %s: %s get in as %o', (prefer, wants, order) =>
    virtual(async () => {
      expect(await served(new ReadWriteLock({ prefer }), wants)).toEqual(order);
    }),
  );

  it.each(['fifo', 'writer'] as const)(
    'prefer %s: a reader does not pass a writer who waits',
    (prefer) =>
      virtual(async () => {
        const lock = new ReadWriteLock({ prefer });
        const reader = await lock.read();
        const [writer] = await inLine([() => lock.write()]);

        expect(lock.tryRead()).toBeUndefined();
        reader.release();
        expect(lock.tryRead()).toBeUndefined();
        (await writer)?.release();
        lock.tryRead()?.release();
      }),
  );

  it('prefer reader: a reader passes a writer who waits', () =>
    virtual(async () => {
      const lock = new ReadWriteLock({ prefer: 'reader' });
      const first = await lock.read();
      const [writer] = await inLine([() => lock.write()]);

      const second = await lock.read();
      first.release();
      expect([lock.readers, writer?.status]).toEqual([1, 'running']);
      second.release();

      (await writer)?.release();
    }));

  it.each(['fifo', 'writer', 'reader'] as const)(
    'S7, prefer %s: when a writer is cancelled, the readers behind it get in at once',
    (prefer) =>
      virtual(async () => {
        const lock = new ReadWriteLock({ prefer });
        const reader = await lock.read();
        const [writer, behind] = await inLine([() => lock.write(), () => lock.read()]);

        writer?.cancel();

        expect([lock.readers, lock.stats().waiting]).toEqual([2, 0]);
        (await behind)?.release();
        reader.release();
        expect((await writer?.settled())?.status).toBe('cancelled');
      }),
  );

  it('a reader who wants to write is told of the deadlock, and still reads', () =>
    virtual(async () => {
      const lock = new ReadWriteLock({ name: 'page' });
      const reader = await lock.read();

      const error = await failure(lock.write());

      expect(error).toBeInstanceOf(Deadlock);
      expect(error.message).toMatch(
        /main #\d+ waits for read-write lock page, which it holds itself/,
      );
      expect([lock.readers, lock.stats().waiting]).toEqual([1, 0]);
      reader.release();
    }));

  it('a writer who wants to read is told of the deadlock', () =>
    virtual(async () => {
      const lock = new ReadWriteLock();
      const writer = await lock.write();

      expect(await failure(lock.read())).toBeInstanceOf(Deadlock);
      writer.release();
    }));

  it('a task may read twice, unless a writer has come in between', () =>
    virtual(async () => {
      const lock = new ReadWriteLock();
      const leases: Lease[] = [await lock.read(), await lock.read()];
      const [writer] = await inLine([() => lock.write()]);

      expect(await failure(lock.read())).toBeInstanceOf(Deadlock);
      for (const lease of leases) lease.release();
      (await writer)?.release();
    }));

  it('a child that reads behind a writer, who waits for its parent, is told of the deadlock', () =>
    virtual(async () => {
      const lock = new ReadWriteLock();
      const reader = await lock.read();
      const [writer] = await inLine([() => lock.write()]);

      const ended = scope((s) => {
        s.spawn(() => sleep(1).then(() => lock.read()));
      });

      expect(await failure(ended)).toBeInstanceOf(Deadlock);
      reader.release();
      (await writer)?.release();
    }));

  it('a writer who waits for two readers is not told of a deadlock while one of them is free to go', () =>
    virtual(async () => {
      const lock = new ReadWriteLock();
      const task = schedule(async () => {
        const lease = await lock.read();
        await sleep(10);
        lease.release();
      });
      await sleep(1);

      (await lock.write()).release();
      await task;
    }));

  it('shows who holds and who waits: a writer has all permits, a reader one', () =>
    virtual(async () => {
      const lock = new ReadWriteLock();
      const reader = await lock.read();
      const [writer] = await inLine([() => lock.write()]);

      const { holders, waiters } = lock.stats();
      expect(holders).toMatchObject([{ name: 'main', permits: 1 }]);
      expect(waiters).toHaveLength(1);
      expect(waiters[0]?.permits).toBeGreaterThan(1000);
      reader.release();
      (await writer)?.release();
    }));

  it('is a case of a select in both ways', () =>
    virtual(async () => {
      const lock = new ReadWriteLock();
      const read = await select({ read: lock.readable });
      const [task] = await inLine([() => select({ write: lock.writable, read: lock.readable })]);
      const both = await task;

      expect([both?.key, lock.readers, lock.stats().waiting]).toEqual(['read', 2, 0]);
      read.value.release();
      both?.value.release();
    }));

  it('a select that stands in line to write and loses lets the readers behind it in', () =>
    virtual(async () => {
      const lock = new ReadWriteLock();
      const reader = await lock.read();
      const gate = new ReadWriteLock();
      const closed = await gate.write();
      const [writer, behind] = await inLine<{ key: string; value: Lease }>([
        () => select({ write: lock.writable, other: gate.readable }),
        () => select({ read: lock.readable }),
      ]);
      expect(lock.stats().waiting).toBe(2);

      closed.release();

      expect((await writer)?.key).toBe('other');
      expect([lock.readers, lock.stats().waiting]).toEqual([2, 0]);
      (await writer)?.value.release();
      (await behind)?.value.release();
      reader.release();
    }));
});
