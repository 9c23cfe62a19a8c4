import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as hostSleep } from 'node:timers/promises';
import {
  Deadlock,
  every,
  moveOnAfter,
  now,
  schedule,
  scope,
  sleep,
  sleepForever,
  until,
} from 'skein';
import { virtual } from 'skein/testing';
import { describe, expect, it } from 'vitest';

describe('virtual time', () => {
  it('jumps to the next timer when all is blocked', async () => {
    const started = performance.now();

    const ticks = await virtual(async (clock) => {
      let count = 0;
      await moveOnAfter('24h', async () => {
        for await (const _ of every('1m')) count++;
      });
      return [count, clock.now(), now()];
    });

    expect(ticks).toEqual([1440, 86_400_000, 86_400_000]);
    expect(performance.now() - started).toBeLessThan(20_000);
  });

  it('fires all timers of one instant before the continuations of any', () =>
    virtual(async () => {
      const log: string[] = [];

      await scope({ onError: 'continue' }, async (s) => {
        const a = s.spawn(() => sleep(10).then(() => log.push('a')));
        s.spawn(async () => {
          await sleep(10);
          log.push('b');
          a.cancel();
        });
      });

      expect(log).toEqual(['a', 'b']);
    }));

  it('stands still while outside work is on its way', async () => {
    const server = createServer((_request, response) => {
      setTimeout(() => response.end('page'), 30);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;

    const seen = await virtual(async (clock) => {
      const load = (): Promise<string> => fetch(`http://127.0.0.1:${port}/`).then((r) => r.text());
      // With a host timer as the other outside work: both must hold the deadline back.
      const page = await moveOnAfter('10s', () => until(load()), 'jumped');
      const later = await moveOnAfter('10s', () => hostSleep(20, 'waited'), 'jumped');
      return [page, later, clock.now()];
    });
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));

    expect(seen).toEqual(['page', 'waited', 0]);
  });

  it('goes on when a plain promise can only be settled from inside', () =>
    virtual(async (clock) => {
      const { promise, resolve } = Promise.withResolvers<string>();
      schedule(() => sleep('1h').then(() => resolve('settled')));

      expect([await promise, clock.now()]).toEqual(['settled', 3_600_000]);
      expect(await until(sleep('1h').then(() => 'through until'))).toBe('through until');
    }));

  it('reports a deadlock with the task tree, after a chance to clean up', async () => {
    const log: string[] = [];

    const ended = virtual(async () => {
      schedule(async () => {
        try {
          await sleepForever();
        } finally {
          log.push('cleaned up');
        }
      }, 'philosopher');
      await sleepForever();
    });

    const error = (await ended.catch((e: unknown) => e)) as Deadlock;
    expect(error).toBeInstanceOf(Deadlock);
    expect(error.tree).toMatch(/philosopher .* waits for sleep for ever/);
    expect(log).toEqual(['cleaned up']);
  });

  it('moves only by advance where autojump is off', () =>
    virtual(
      async (clock) => {
        const log: number[] = [];
        const task = schedule(async () => {
          for await (const _ of every(10)) log.push(clock.now());
        });

        await clock.advance(25);
        expect([log, clock.now(), clock.timers]).toEqual([[0, 10, 20], 25, 1]);
        await clock.advance('5ms');
        expect(log).toEqual([0, 10, 20, 30]);
        task.cancel();
        await task.settled();
      },
      { autojump: false },
    ));

  it('can take the globals of the host with it', async () => {
    const real = setTimeout;

    await virtual(
      async (clock) => {
        const log: number[] = [];
        const start = Date.now();
        const interval = setInterval(() => log.push(clock.now()), 1000);
        const dropped = setTimeout(() => log.push(-1), 1500);
        clearTimeout(dropped);
        await new Promise((resolve) => setTimeout(resolve, 3500));
        clearInterval(interval);

        expect(log).toEqual([1000, 2000, 3000]);
        expect([Date.now() - start, performance.now()]).toEqual([3500, 3500]);
      },
      { globals: true },
    );

    expect(setTimeout).toBe(real);
  });

  it('throws what the body throws, and puts the real clock back', async () => {
    const before = now();

    await expect(virtual(() => Promise.reject(new Error('boom')))).rejects.toThrow('boom');

    expect(now()).toBeGreaterThanOrEqual(before);
  });

  it('refuses to run twice at once', () =>
    virtual(async () => {
      await expect(virtual(() => 1)).rejects.toThrow('running already');
    }));
});
