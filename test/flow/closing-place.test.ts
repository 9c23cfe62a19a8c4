/**
 * Where a source is closed: in the flow, and out of reach of what ended it.
 *
 * @module
 */
import {
  concurrently,
  currentScope,
  map,
  mapStream,
  moveOnAfter,
  Queue,
  StuckTasks,
  schedule,
  scope,
  sleep,
  TaskLocal,
} from 'skein';
import { virtual } from 'skein/testing';
import { describe, expect, it } from 'vitest';
import { boom, caught, why } from '../contract/closing-readers.ts';

/** Gives numbers, and has something to wait for at its end. */
async function* careful(log: string[], ms = 10): AsyncGenerator<number> {
  try {
    for (let n = 0; ; n++) yield n;
  } finally {
    await sleep(ms);
    log.push('closed');
  }
}

const busy = (): Promise<void> => sleep(5);

describe('what a generator does in finally', () => {
  it.each([
    ['an error of the function', () => caught(map(careful(log), failing, { concurrency: 2 }))],
    [
      'an aborted signal',
      () => {
        const controller = new AbortController();
        schedule(() => sleep(3).then(() => controller.abort(why)));
        return caught(map(careful(log), busy, { concurrency: 2, signal: controller.signal }));
      },
    ],
    ['a time limit', () => moveOnAfter(3, () => map(careful(log), busy, { concurrency: 2 }))],
    [
      'a cancelled task',
      async () => {
        const task = schedule(() => map(careful(log), busy, { concurrency: 2 }));
        await sleep(3);
        task.cancel();
        await task.settled();
      },
    ],
    [
      'break',
      async () => {
        for await (const _ of mapStream(careful(log), busy, { concurrency: 2 })) break;
      },
    ],
    [
      'the end of copies',
      () =>
        concurrently(2, { source: careful(log) }, async ({ items }) => {
          for await (const n of items) if (n > 2) break;
        })(),
    ],
    [
      'the end of their scope',
      () =>
        scope(async () => {
          concurrently(1, { source: careful(log) }, async ({ items }) => {
            for await (const _ of items) await busy();
          });
          await sleep(3);
        }),
    ],
  ])('may wait, and is waited for: %s', (_, end) =>
    virtual(async () => {
      log.length = 0;

      await end();

      expect(log).toEqual(['closed']);
    }),
  );

  const log: string[] = [];
  const failing = async (n: number): Promise<void> => {
    await busy();
    if (n === 0) throw boom;
  };

  it('runs in the flow: its locals, its scope', () =>
    virtual(async () => {
      const local = new TaskLocal<string>('local');
      const seen: unknown[] = [];
      async function* look(): AsyncGenerator<number> {
        try {
          yield 1;
          yield 2;
        } finally {
          await sleep(1);
          seen.push(local.get(), currentScope().name);
        }
      }

      await scope({ name: 'home' }, () =>
        local.run('value', async () => {
          for await (const _ of mapStream(look(), (n) => n, { concurrency: 1, buffer: 0 })) break;
        }),
      );

      expect(seen).toEqual(['value', 'home']);
    }));

  it('has the time of grace, is reported with what it waits for, and then cancelled', () =>
    virtual(async (clock) => {
      const error = await caught(
        (async () => {
          for await (const _ of mapStream(careful([], 60_000), busy, {
            grace: 100,
            concurrency: 1,
          })) {
            break;
          }
        })(),
      );

      expect(error).toBeInstanceOf(StuckTasks);
      expect((error as StuckTasks).tasks).toMatchObject([
        { name: 'the source of mapStream(busy)', age: 100, waitingFor: ['sleep 60000 ms'] },
      ]);
      expect(clock.timers).toBe(0);
    }));

  it('is cut short where it was thrown out of a wait', () =>
    virtual(async () => {
      const log: string[] = [];
      async function* waits(): AsyncGenerator<number> {
        try {
          yield 1;
          await new Queue<number>().get();
        } finally {
          log.push((await caught(sleep(1))) instanceof Error ? 'cancelled' : 'not cancelled');
        }
      }

      await moveOnAfter(5, () => map(waits(), (n) => n));

      expect(log).toEqual(['cancelled']);
    }));
});

describe('a source that fails when it is closed', () => {
  async function* bad(): AsyncGenerator<number> {
    try {
      yield 1;
      yield 2;
    } finally {
      // biome-ignore lint/correctness/noUnsafeFinally: it is the point.
      throw boom;
    }
  }

  it('is an error of whoever leaves, and comes behind what a flow has failed with', () =>
    virtual(async () => {
      const leave = async (): Promise<void> => {
        for await (const _ of mapStream(bad(), (n) => n, { concurrency: 1, buffer: 0 })) break;
      };
      expect(await caught(leave())).toBe(boom);

      const fail = async (): Promise<never> => {
        throw why;
      };
      const flow = mapStream(bad(), fail, { concurrency: 1 });
      expect(await caught(flow.toArray())).toBe(why);
      expect(flow.errors).toEqual([why, boom]);
    }));

  it('is among the exceptions of copies, also where it was told in a read', () =>
    virtual(async () => {
      async function* badInside(): AsyncGenerator<number> {
        try {
          yield 1;
          await sleep('1h');
        } finally {
          // biome-ignore lint/correctness/noUnsafeFinally: it is the point.
          throw boom;
        }
      }
      // Of the first no read is out when it is stopped, of the second one is.
      for (const [source, ms] of [
        [bad(), 10],
        [badInside(), 0],
      ] as const) {
        const waiter = concurrently(1, { source }, async ({ items }) => {
          for await (const _ of items) await sleep(ms);
        });
        await sleep(5);

        await waiter.stop();

        expect(waiter.exceptions).toEqual([boom]);
      }
    }));
});
