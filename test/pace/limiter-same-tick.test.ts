import { Cancelled, limiter } from 'skein';
import { idle, virtual } from 'skein/testing';
import { describe, expect, it } from 'vitest';
import { failure } from '../sync/support.ts';

describe('in the tick of the call, though there is room', () => {
  it('a signal that aborts rejects it, and its function is not called', async () => {
    for (const limit of [limiter(1), limiter({ rate: '1/s' }), limiter({ timeout: '1s' })]) {
      const controller = new AbortController();
      const { signal } = controller;
      const call = failure(limit.run(() => expect.unreachable(), { signal }));
      const why = new Error('gone');
      controller.abort(why);

      expect(await call).toBe(why);
      expect([limit.active, limit.waiting]).toEqual([0, 0]);
      await limit.idle();
    }
  });

  it('pause puts it in line, where it was', () =>
    virtual(async () => {
      const limit = limiter(2);
      const order: string[] = [];
      const calls = ['a', 'b', 'c', 'd'].map((name) => limit(() => order.push(name)));
      limit.pause();
      let wasIdle = false;
      const ended = limit.idle().then(() => {
        wasIdle = true;
      });
      await idle();
      expect([order, limit.active, limit.waiting, wasIdle]).toEqual([[], 0, 4, false]);
      limit.resume();
      await Promise.all([...calls, ended]);

      expect(order).toEqual(['a', 'b', 'c', 'd']);
    }));

  it('and clear reaches it there', () =>
    virtual(async () => {
      const limit = limiter(1);
      const controller = new AbortController();
      const calls = [
        limit.run(() => expect.unreachable(), { signal: controller.signal }),
        limit(() => expect.unreachable()),
      ].map(failure);
      limit.pause();
      await idle();
      controller.abort();
      expect(limit.clear()).toBe(1);

      const [aborted, cleared] = await Promise.all(calls);
      expect(aborted).toBe(controller.signal.reason);
      expect(cleared).toBeInstanceOf(Cancelled);
    }));

  it('pause and the end of the limiter let it run', async () => {
    const limit = limiter(1);
    const call = limit(() => 'done');
    limit.pause();
    await limit[Symbol.asyncDispose]();

    expect(await call).toBe('done');
  });

  it('clear does not reach it: it counts as at work', async () => {
    const limit = limiter(1);
    const call = limit(() => 'done');

    expect(limit.clear()).toBe(0);
    expect(await call).toBe('done');
  });
});
