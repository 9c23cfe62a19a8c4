/**
 * Shared objects across the real boundary of each engine; `test/shared` has the rest, over a boundary that can be stopped at any message.
 *
 * @module
 */
import {
  type Context,
  channel,
  type Engine,
  Lock,
  limiter,
  Queue,
  type Receiver,
  type Sender,
} from 'skein';
import { afterEach, describe, expect, it } from 'vitest';
import { shareItems } from '../../../src/sync/items-hub.ts';
import { POOLS } from '../pools.ts';

const engines: AsyncDisposable[] = [];

afterEach(async () => {
  for (const engine of engines.splice(0)) await engine[Symbol.asyncDispose]();
});

describe.each(POOLS)('shared objects in $name', ({ make }) => {
  const pool = (size: number): Engine => {
    const engine = make({ size });
    engines.push(engine);
    return engine;
  };

  it('a queue, a lock and a callback', async () => {
    const [jobs, lock] = [new Queue<number>({ max: 4 }), new Lock()];
    const log: number[] = [];
    const engine = pool(1);
    const work = engine.submit(
      async (queue: Queue<number>, guard: Lock, report: (n: number) => void) => {
        let count = 0;
        for await (const n of queue) {
          await guard.with(async () => {
            count += n;
          });
          report(n);
        }
        return count;
      },
      [jobs, lock, (n: number) => void log.push(n)] as const,
      {},
    );
    for (let n = 1; n <= 50; n++) await jobs.put(n);
    jobs.close();
    expect(await work).toBe(1275);
    expect(log).toEqual(Array.from({ length: 50 }, (_, n) => n + 1));
    expect(lock.locked).toBe(false);
  });

  it('a limiter that fails to release fails the call, and nothing else', async () => {
    const engine = pool(1);
    const lock = new Lock();
    class Broken {
      run<T>(fn: () => T): T {
        return fn();
      }

      async acquire(): Promise<{ release(): void }> {
        return {
          release: () => {
            throw new Error('cannot release');
          },
        };
      }
    }
    const leave = async (first: Broken, second: Lock): Promise<string> => {
      await first.acquire();
      await second.acquire();
      return 'left';
    };
    await expect(engine.submit(leave, [new Broken(), lock], {})).rejects.toThrow('cannot release');
    expect(lock.locked).toBe(false);
    expect(await engine.submit(() => 'next', [], {})).toBe('next');
  });

  it('what a body says in one turn arrives in order, and before its result', async () => {
    const engine = pool(1);
    const [heard, queue] = [[] as unknown[], new Queue<unknown>()];
    const talk = async (count: number, say: (n: unknown) => void, to: Queue<unknown>) => {
      for (let n = 0; n < count; n++) {
        say(n % 10 === 9 ? { n } : n);
        void to.put(n);
      }
      return count;
    };
    expect(await engine.submit(talk, [300, (n: unknown) => void heard.push(n), queue], {})).toBe(
      300,
    );
    const said = Array.from({ length: 300 }, (_, n) => (n % 10 === 9 ? { n } : n));
    expect(heard).toEqual(said);
    expect(queue.size).toBe(300);
  });

  it('a burst of words is heard, though the body ends its worker in the same turn', async () => {
    const engine = pool(1);
    const heard: number[] = [];
    const talk = (count: number, say: (n: number) => void): void => {
      for (let n = 0; n < count; n++) say(n);
      process.exit(3);
    };
    const talking = engine.submit(talk, [100, (n: number) => void heard.push(n)], {});
    await expect(talking).rejects.toMatchObject({ code: 'ERR_WORKER_DIED', exitCode: 3 });
    expect(heard).toEqual(Array.from({ length: 100 }, (_, n) => n));
  });

  it('a body that keeps its turn and asks whether it should stop is heard', async () => {
    const engine = pool(1);
    const heard: number[] = [];
    const stop = new AbortController();
    const talk = (count: number, say: (n: number) => void, context: Context): void => {
      for (let n = 0; n < count; n++) say(n);
      while (!context.signal.aborted) {}
    };
    const hear = (n: number): void => {
      heard.push(n);
      if (n === 99) stop.abort();
    };
    const talking = engine.submit(talk, [100, hear], { signal: stop.signal });
    await talking;
    expect(heard).toHaveLength(100);
  });

  it('frees a lock, and loses and doubles no item, when workers die in the middle', async () => {
    const [jobs, done, lock] = [new Queue<number>(), new Queue<number>(), new Lock()];
    const count = 60;
    for (let n = 0; n < count; n++) jobs.tryPut(n);
    jobs.close();
    const engine = pool(2);
    let deaths = 0;
    const copy = async (): Promise<void> => {
      for (;;) {
        try {
          await engine.submit(
            async (from: Queue<number>, to: Queue<number>, guard: Lock) => {
              for await (const n of from) {
                // Holds the lock until its death.
                if (n % 7 === 3) await guard.acquire();
                await to.put(n);
                if (n % 7 === 3) process.exit(1);
              }
            },
            [jobs, done, lock] as const,
            {},
          );
          return;
        } catch (error) {
          expect((error as { code: string }).code).toBe('ERR_WORKER_DIED');
          deaths++;
        }
      }
    };
    await Promise.all([copy(), copy()]);
    done.close();
    const seen: number[] = [];
    for await (const n of done) seen.push(n);
    expect(seen.sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, n) => n));
    expect([deaths, lock.locked, jobs.size]).toEqual([9, false, 0]);
  });

  it('frees the place of a limiter when the worker that holds it is killed', async () => {
    const limit = limiter(1);
    const engine = pool(1);
    const controller = new AbortController();
    let held = false;
    const lost = engine.submit(
      async (limited: typeof limit, tell: () => void) => {
        await limited(async () => {
          tell();
          for (;;);
        });
      },
      [
        limit,
        () => {
          held = true;
          controller.abort('enough');
        },
      ] as const,
      { signal: controller.signal, grace: 20 },
    );
    await expect(lost).rejects.toBeDefined();
    await limit.idle();
    expect([held, limit.active]).toEqual([true, 0]);
  });

  it('divides a source, and reports what a copy had whose worker died', async () => {
    const hub = shareItems(Array.from({ length: 20_000 }, (_, n) => n));
    const engine = pool(2);
    const seats = [hub.join(), hub.join()];
    const near = Promise.withResolvers<void>();
    const meet = async (dies: boolean): Promise<void> => {
      if (dies) near.resolve();
      await near.promise;
    };
    const results = await Promise.allSettled(
      seats.map((seat, copy) =>
        engine.submit(
          async (items: AsyncIterable<number>, dies: boolean, meetThere: typeof meet) => {
            const seen: number[] = [];
            // However late the other one starts, there is something left for it.
            if (!dies) await meetThere(dies);
            for await (const n of items) {
              seen.push(n);
              if (dies && seen.length === 499) await meetThere(dies);
              if (dies && seen.length === 500) process.exit(1);
            }
            return seen;
          },
          [seat, copy === 0, meet] as const,
          { exclusive: true },
        ),
      ),
    );
    const [dead, alive] = seats;
    dead?.leave(true);
    alive?.leave();
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
    const seen = (results[1] as PromiseFulfilledResult<number[]>).value;
    const lost = dead?.unfinished ?? [];
    expect(lost.length).toBeGreaterThan(0);
    // Nobody got what the dead one had, and what is missing it had finished.
    expect(seen.filter((n) => lost.includes(n))).toEqual([]);
    expect(seen.length + (dead?.taken ?? 0)).toBe(20_000);
    expect(new Set(seen).size).toBe(seen.length);
    await hub.close();
  });

  it('an iterator, closed by the end of its call', async () => {
    let closed = 0;
    function* endless(): Generator<number> {
      try {
        for (let n = 0; ; n++) yield n;
      } finally {
        closed++;
      }
    }
    // A generator here, an asynchronous iterator there.
    const first = async (items: AsyncIterator<number>): Promise<unknown> =>
      (await items.next()).value;
    expect(await pool(1).submit(first, [endless()], {})).toBe(0);
    await expect.poll(() => closed).toBe(1);
  });

  it('the ends of a channel', async () => {
    const [requests, answers] = [channel<number>(), channel<number>()];
    const work = pool(1).submit(
      async (from: Receiver<number>, to: Sender<number>) => {
        for await (const n of from) await to.send(n * n);
        await to.close();
      },
      [requests.rx, answers.tx] as const,
      {},
    );
    const squares: number[] = [];
    for (const n of [1, 2, 3]) {
      await requests.tx.send(n);
      squares.push(await answers.rx.receive());
    }
    requests.tx.close();
    await work;
    expect(squares).toEqual([1, 4, 9]);
    await expect(answers.rx.receive()).rejects.toMatchObject({ code: 'ERR_CHANNEL_CLOSED' });
  });

  it('a signal, which fires with its reason', async () => {
    const controller = new AbortController();
    const work = pool(1).submit(
      (signal: AbortSignal, ready: () => void) =>
        new Promise((resolve) => {
          signal.addEventListener('abort', () => resolve(signal.reason));
          ready();
        }),
      [controller.signal, () => controller.abort('enough')] as const,
      {},
    );
    expect(await work).toBe('enough');
  });
});
