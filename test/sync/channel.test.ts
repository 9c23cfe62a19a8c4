import { ChannelClosed, channel, type Receiver, scope, sleep } from 'skein';
import { idle, virtual } from 'skein/testing';
import { describe, expect, it } from 'vitest';
import { failure, inLine, toArray } from './support.ts';

describe('channel', () => {
  it('has two ends, by name or by position', () => {
    const { tx, rx, ...rest } = channel<number>(1);
    const [sender, receiver] = channel<number>(1);

    expect([rest[0], rest[1]]).toEqual([tx, rx]);
    expect(sender.trySend(1)).toBe(true);
    expect(receiver.tryReceive()).toEqual({ value: 1 });
  });

  it('of capacity 0: a send ends when its item has been received', () =>
    virtual(async () => {
      const { tx, rx } = channel<number>();
      const [task] = await inLine([() => tx.send(1)]);
      expect([task?.status, rx.stats().buffered, rx.stats().waitingSend]).toEqual([
        'running',
        0,
        1,
      ]);

      expect(await rx.receive()).toBe(1);
      await task;
    }));

  it('ends with its last sender', () =>
    virtual(async () => {
      const { tx, rx } = channel<number>(4);
      const other = tx.clone();
      expect(rx.stats().senders).toBe(2);

      await tx.send(1);
      tx.close();
      tx.close();
      expect([rx.stats().senders, tx.closed, rx.closed]).toEqual([1, true, false]);
      expect(await failure(tx.send(2))).toBeInstanceOf(ChannelClosed);
      expect(() => tx.trySend(2)).toThrow(/this end/);
      expect(() => tx.clone()).toThrow(ChannelClosed);
      expect(() => tx.sending(2)).toThrow(ChannelClosed);
      await other.send(3);
      other.close();

      expect(await toArray(rx)).toEqual([1, 3]);
      expect(rx.closed).toBe(true);
    }));

  it('ends with its last receiver: senders are told, and what is inside is dropped', () =>
    virtual(async () => {
      const { tx, rx } = channel<number>(1);
      const other = rx.clone();
      await tx.send(1);
      const [task] = await inLine([() => tx.send(2)]);

      rx.close();
      expect([tx.closed, task?.status, other.stats().receivers]).toEqual([false, 'running', 1]);
      other.close();

      expect(await failure(task as PromiseLike<unknown>)).toBeInstanceOf(ChannelClosed);
      expect(await failure(tx.send(3))).toBeInstanceOf(ChannelClosed);
      expect([tx.closed, rx.stats().dropped, rx.stats().buffered]).toEqual([true, 1, 0]);
      expect(await failure(rx.receive())).toBeInstanceOf(ChannelClosed);
      expect(() => rx.tryReceive()).toThrow(ChannelClosed);
      expect(() => rx.received).toThrow(ChannelClosed);
      expect(() => rx.clone()).toThrow(ChannelClosed);
    }));

  it('a sender with an error ends it for all senders', () =>
    virtual(async () => {
      const { tx, rx } = channel<number>(2);
      const other = tx.clone();
      const broken = new Error('broken');
      await tx.send(1);

      tx.close(broken);

      expect(await failure(other.send(2))).toMatchObject({ cause: broken });
      expect(await rx.receive()).toBe(1);
      expect(await failure(rx.receive())).toBe(broken);
      other.close();
    }));

  it('closing the last sender turns its own pending send away', () =>
    virtual(async () => {
      const { tx, rx } = channel<number>();
      const [task] = await inLine([() => tx.send(1)]);

      tx.close();

      expect(await failure(task as PromiseLike<unknown>)).toBeInstanceOf(ChannelClosed);
      expect(await failure(rx.receive())).toBeInstanceOf(ChannelClosed);
    }));

  it('both ends are closed at the end of a block by using', () =>
    virtual(async () => {
      let outside: Receiver<number> | undefined;
      {
        const { tx, rx } = channel<number>(1);
        using sender = tx;
        await using receiver = rx;
        await sender.send(1);
        outside = receiver;
      }
      expect([outside.closed, outside.stats().senders, outside.stats().receivers]).toEqual([
        true,
        0,
        0,
      ]);
    }));

  it('a receiver that was closed takes nothing from its clones: a loop', () =>
    virtual(async () => {
      const { tx, rx } = channel<number>(4);
      const other = rx.clone();
      for (const n of [1, 2]) await tx.send(n);
      const loop = rx[Symbol.asyncIterator]();
      await loop.next();

      rx.close();
      await loop.next().catch(() => undefined);

      expect(other.tryReceive()).toEqual({ value: 2 });
    }));

  it('a pipeline of three stages ends from the front and from the back', () =>
    virtual(async () => {
      const [numbers, squares] = [channel<number>(), channel<number>()];
      const seen: number[] = [];
      let sent = 0;

      await scope((s) => {
        s.spawn(async () => {
          try {
            for (let n = 1; ; n++) {
              await numbers.tx.send(n);
              sent = n;
            }
          } catch (error) {
            expect(error).toBeInstanceOf(ChannelClosed);
          }
        });
        s.spawn(async () => {
          using rx = numbers.rx;
          try {
            for await (const n of rx) await squares.tx.send(n * n);
          } catch (error) {
            expect(error).toBeInstanceOf(ChannelClosed);
          }
        });
        s.spawn(async () => {
          using rx = squares.rx;
          for await (const n of rx) {
            seen.push(n);
            if (n === 16) break;
          }
        });
      });

      expect(seen).toEqual([1, 4, 9, 16]);
      expect(sent).toBeLessThanOrEqual(6);
    }));
});

describe('channel as streams', () => {
  it('pipeTo carries everything and closes both', () =>
    virtual(async () => {
      const [from, to] = [channel<number>(), channel<number>()];
      const piped = from.rx.readable.pipeTo(to.tx.writable);
      const [sender] = await inLine([
        async () => {
          for (const n of [1, 2, 3]) await from.tx.send(n);
          from.tx.close();
        },
      ]);

      expect(await toArray(to.rx)).toEqual([1, 2, 3]);
      await piped;
      await sender;
      expect([to.tx.closed, from.rx.closed]).toEqual([true, true]);
    }));

  it('readable takes an item when it is asked for one, not before', () =>
    virtual(async () => {
      const { tx, rx } = channel<number>(2);
      for (const n of [1, 2]) await tx.send(n);
      const reader = rx.readable.getReader();
      await idle();
      expect(rx.stats().buffered).toBe(2);

      expect(await reader.read()).toEqual({ done: false, value: 1 });
      expect([rx.stats().buffered, rx.stats().waitingReceive]).toEqual([1, 0]);
      await reader.cancel();
    }));

  it('cancelling the readable closes the end, also while a read is pending', () =>
    virtual(async () => {
      const { tx, rx } = channel<number>();
      const reader = rx.readable.getReader();
      const pending = reader.read();
      await idle();

      await reader.cancel('enough');

      expect(await pending).toEqual({ done: true, value: undefined });
      expect(await failure(tx.send(1))).toBeInstanceOf(ChannelClosed);
      expect(rx.stats().waitingReceive).toBe(0);
    }));

  it('what the channel was closed with is the error of the readable', () =>
    virtual(async () => {
      const { tx, rx } = channel<number>(1);
      const broken = new Error('broken');
      await tx.send(1);
      tx.close(broken);
      const reader = rx.readable.getReader();

      expect(await reader.read()).toEqual({ done: false, value: 1 });
      expect(await failure(reader.read())).toBe(broken);
    }));

  it('a write waits for room: back-pressure', () =>
    virtual(async () => {
      const { tx, rx } = channel<number>(1);
      const writer = tx.writable.getWriter();
      await writer.write(1);
      let written = false;
      const second = writer.write(2).then(() => {
        written = true;
      });
      await idle();
      expect([written, rx.stats().waitingSend]).toEqual([false, 1]);

      expect(await rx.receive()).toBe(1);
      await second;
      await writer.close();
      expect(await toArray(rx)).toEqual([2]);
    }));

  it('aborting the writable with a reason makes it the error of the channel', () =>
    virtual(async () => {
      const { tx, rx } = channel<number>(1);
      const broken = new Error('broken');
      await tx.writable.abort(broken);

      expect(await failure(rx.receive())).toBe(broken);
    }));

  it('aborting the writable without a reason is an error too, not the end', () =>
    virtual(async () => {
      const { tx, rx } = channel<number>(1);
      await tx.writable.abort();

      await failure(toArray(rx));
    }));

  it('aborting the writable ends a write that waits', () =>
    virtual(async () => {
      const { tx, rx } = channel<number>();
      const writer = tx.writable.getWriter();
      const write = writer.write(1).catch(() => 'refused');
      await idle();
      let aborted = false;
      const abort = writer.abort(new Error('enough')).then(() => {
        aborted = true;
      });
      await sleep(1);
      const seen = aborted;
      rx.close();
      await Promise.all([write, abort]);

      expect(seen).toBe(true);
    }));

  it('a receiver that goes makes the next write fail', () =>
    virtual(async () => {
      const { tx, rx } = channel<number>();
      rx.close();
      const writer = tx.writable.getWriter();
      writer.closed.catch(() => undefined);

      expect(await failure(writer.write(1))).toBeInstanceOf(ChannelClosed);
    }));
});
