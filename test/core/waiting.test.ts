import { EventEmitter } from 'node:events';
import {
  every,
  moveOnAfter,
  once,
  schedule,
  scope,
  sleep,
  sleepUntil,
  suspend,
  TaskLocal,
} from 'skein';
import { idle, virtual } from 'skein/testing';
import { describe, expect, it } from 'vitest';

describe('sleep', () => {
  it.each([
    { duration: 250, ms: 250 },
    { duration: '1.5s', ms: 1500 },
    { duration: '2m', ms: 120_000 },
    { duration: '1h', ms: 3_600_000 },
    { duration: { total: () => 7 }, ms: 7 },
    { duration: 2 ** 40, ms: 2 ** 40 },
  ] as const)('takes $duration', ({ duration, ms }) =>
    virtual(async (clock) => {
      await sleep(duration);

      expect(clock.now()).toBe(ms);
    }),
  );

  it('until a point in time, also one that has passed', () =>
    virtual(async (clock) => {
      await sleepUntil(100);
      await sleepUntil(50);

      expect(clock.now()).toBe(100);
    }));

  it('never wakes early on the real clock', async () => {
    for (let i = 0; i < 20; i++) {
      const started = performance.now();
      await sleep(3);
      expect(performance.now() - started).toBeGreaterThanOrEqual(3);
    }
  });

  it('stops its timer when it is cancelled', () =>
    virtual(async (clock) => {
      const task = schedule(() => sleep('1h'));
      await idle();
      expect(clock.timers).toBe(1);

      task.cancel();

      expect(clock.timers).toBe(0);
      await task.settled();
    }));

  it('a real one above 2^31 ms waits instead of returning at once', async () => {
    expect(await moveOnAfter(20, () => sleep(2 ** 31 + 1000), 'still asleep')).toBe('still asleep');
  });
});

describe('every', () => {
  it('does not drift, and leaves out the ticks that a slow consumer missed', () =>
    virtual(async (clock) => {
      const seen: [number, number][] = [];

      for await (const tick of every(10)) {
        seen.push([tick, clock.now()]);
        if (seen.length === 4) break;
        await sleep(tick === 1 ? 25 : 3);
      }

      expect(seen).toEqual([
        [0, 0],
        [1, 10],
        [3, 35],
        [4, 40],
      ]);
    }));

  it('ends a pending next() when it is returned (S14)', () =>
    virtual(async (clock) => {
      const ticks = every('1h')[Symbol.asyncIterator]();
      await ticks.next();
      const pending = ticks.next();

      expect(await ticks.return?.()).toEqual({ done: true, value: undefined });
      expect(await pending).toEqual({ done: true, value: undefined });
      expect([clock.now(), clock.timers]).toEqual([0, 0]);
    }));

  it('may wait a period before the first', () =>
    virtual(async (clock) => {
      for await (const tick of every(10, { immediate: false })) {
        expect([tick, clock.now()]).toEqual([0, 10]);
        break;
      }
    }));
});

describe('once', () => {
  it('gives the event, and leaves no listener in any case', () =>
    virtual(async () => {
      const emitter = new EventEmitter();
      const target = new EventTarget();
      setImmediate(() => emitter.emit('ready', 7));
      expect(await once(emitter, 'ready')).toBe(7);

      setImmediate(() => emitter.emit('error', new Error('broken')));
      await expect(once(emitter, 'ready')).rejects.toThrow('broken');

      const task = schedule(() => once(emitter, 'ready'));
      await new Promise((resolve) => setImmediate(resolve));
      task.cancel();
      await task.settled();
      expect([emitter.listenerCount('ready'), emitter.listenerCount('error')]).toEqual([0, 0]);

      setImmediate(() => target.dispatchEvent(new Event('load')));
      expect(await once<Event>(target, 'load')).toMatchObject({ type: 'load' });
    }));
});

describe('suspend', () => {
  it('passes on what register throws', () =>
    virtual(async () => {
      const broken = suspend(() => {
        throw new Error('cannot register');
      });

      await expect(broken).rejects.toThrow('cannot register');
    }));
});

describe('TaskLocal', () => {
  it('is seen by what is called and spawned inside, and by nobody else', () =>
    virtual(async () => {
      const user = new TaskLocal<string>('user', 'nobody');
      const log: string[] = [];

      await scope(async (s) => {
        await user.run('ada', async () => {
          s.spawn(async () => {
            await sleep(1);
            log.push(user.get());
          });
          await user.run('grace', () => sleep(1).then(() => log.push(user.get())));
        });
        s.spawn(() => void log.push(user.get()));
      });

      expect(log.sort()).toEqual(['ada', 'grace', 'nobody']);
    }));

  it('keeps the scope around it in force', () =>
    virtual(async () => {
      const local = new TaskLocal<number>('n');

      await moveOnAfter(5, () => local.run(1, () => sleep('1h')), 'cancelled inside');
    }));
});
