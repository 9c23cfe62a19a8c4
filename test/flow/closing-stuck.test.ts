/**
 * What a source waits for that the library knows nothing of is the one thing that nobody can end: it has the time of grace, then it is
 * reported and left behind, by whoever reads it in the same way.
 *
 * @module
 */
import {
  concurrently,
  type EngineSource,
  loop,
  map,
  mapStream,
  moveOnAfter,
  now,
  StuckTasks,
  schedule,
  scope,
  sleep,
  timeout,
  UnhandledErrors,
} from 'skein';
import { fibers } from 'skein/fiber';
import { virtual } from 'skein/testing';
import {
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  it,
  type MockInstance,
  vi,
} from 'vitest';
import { boom, caught, silentOf, timed, why } from '../contract/closing-readers.ts';
import type { Silent } from '../contract/silent-kind.ts';
import { STUCK } from '../contract/silent-sources.ts';
import { failAtOne, firstFails, takeAll } from '../contract/taking-bodies.ts';

let warnings: MockInstance<typeof process.emitWarning>;
beforeEach(() => {
  warnings = vi.spyOn(process, 'emitWarning').mockReturnValue();
});
afterEach(() => warnings.mockRestore());

const grace = '1s';

/** One report, of the source alone, after the grace. */
function isOfSource(error: unknown, name: string): void {
  expect(error).toBeInstanceOf(StuckTasks);
  expect((error as StuckTasks).tasks).toEqual([
    expect.objectContaining({ name: `the source of ${name}`, waitingFor: [] }),
  ]);
  expect((error as Error).message).toContain('Left work behind 1000 ms after its cancellation');
}

const reported = (): unknown[] => warnings.mock.calls.map(([warning]) => warning);

describe.each(STUCK)('$name', (kind) => {
  let silent: Silent;
  const stuck = (name: string, body: () => Promise<void>): void => {
    it(name, async () => {
      ({ silent } = await silentOf(kind, { takes: 'anything' }));
      try {
        await virtual(body);
      } finally {
        silent.end?.();
      }
    });
  };

  describe('under a flow', () => {
    const pass = (item: unknown): unknown => item;

    stuck('a flow that is left, or aborted, ends with the report', async () => {
      const elapsed = await timed(async () => {
        const left = async (): Promise<void> => {
          for await (const _ of mapStream(silent.source, pass, { grace })) {
            await sleep(20);
            break;
          }
        };
        isOfSource(await caught(left()), 'mapStream(pass)');
      });
      expect(elapsed).toBe(1020);

      const again = await silentOf(kind, { takes: 'anything' });
      const call = caught(map(again.silent.source, pass, { grace, signal: again.job.signal }));
      await sleep(20);
      again.controller.abort(why);
      isOfSource(await call, 'map(pass)');
      again.silent.end?.();
      expect(reported()).toEqual([]);
    });

    stuck('one that fails ends with its error, and the report is a warning', async () => {
      const fail = async (): Promise<never> => {
        await sleep(20);
        throw boom;
      };

      const elapsed = await timed(async () => {
        expect(await caught(map(silent.source, fail, { grace }))).toBe(boom);
      });

      expect(elapsed).toBe(1020);
      isOfSource(reported()[0], 'map(fail)');
      expect(reported()).toHaveLength(1);
    });

    stuck('one whose time is over is late', async () => {
      const call = (): Promise<unknown> => map(silent.source, pass, { grace });

      const elapsed = await timed(async () => {
        const error = await caught(timeout(20, call));
        expect(error).toMatchObject({ name: 'TimeoutError' });
      });

      expect(elapsed).toBe(1020);
      isOfSource(reported()[0], 'map(pass)');
    });

    stuck('a body that does not stop is reported beside it', async () => {
      const never = (): Promise<never> => new Promise(() => undefined);

      const left = await caught(
        moveOnAfter(20, () => map(silent.source, never, { grace }), 'left'),
      );

      expect(left).toEqual({ resolved: 'left' });
      expect((reported()[0] as StuckTasks).tasks.map(({ name }) => name).toSorted()).toEqual([
        'map(never)[0]',
        'map(never)[1]',
        'the source of map(never)',
      ]);
    });
  });

  describe.each([
    ['the loop', loop],
    ['fibers', fibers],
  ] as readonly [string, EngineSource][])('under copies on %s', (_, engine) => {
    beforeAll(() => fibers().submit(() => undefined, [], {}));
    const start = (body = takeAll, signal?: AbortSignal) =>
      concurrently(2, { engine, source: silent.source, grace, signal, name: 'body' }, body);

    stuck('stop() rejects with the report', async () => {
      const waiter = start();
      await sleep(20);

      const elapsed = await timed(async () => isOfSource(await caught(waiter.stop()), 'body'));

      expect(elapsed).toBe(1000);
      expect(waiter.exceptions).toHaveLength(1);
      isOfSource(waiter.exceptions[0], 'body');
    });

    stuck('stop() with another grace has that', async () => {
      const waiter = start();
      await sleep(20);

      const elapsed = await timed(() => caught(waiter.stop({ grace: 100 })));

      expect(elapsed).toBe(100);
    });

    stuck('stop() has another grace also when the source is closing already', async () => {
      const waiter = start();
      await sleep(20);
      const first = caught(waiter.stop());
      await sleep(500);

      const elapsed = await timed(() => caught(waiter.stop({ grace: 100 })));

      expect(elapsed).toBe(100);
      expect(await first).toBeInstanceOf(StuckTasks);
    });

    stuck('disposal rejects with the report', async () => {
      const waiter = start();
      await sleep(20);

      isOfSource(await caught(waiter[Symbol.asyncDispose]()), 'body');
    });

    stuck('an aborted signal, or the failure of all, has it among the exceptions', async () => {
      const controller = new AbortController();
      const waiter = start(takeAll, controller.signal);
      await sleep(20);
      controller.abort(why);
      const error = (await caught(waiter())) as UnhandledErrors;
      expect(error).toBeInstanceOf(UnhandledErrors);
      expect(error.errors).toHaveLength(1);
      isOfSource(error.errors[0], 'body');
    });

    stuck('the failure of all comes before it', async () => {
      const waiter = start(failAtOne);

      await caught(waiter());

      const [first, second, last] = waiter.exceptions;
      expect([first, second].map(String)).toEqual(['Error: boom', 'Error: boom']);
      isOfSource(last, 'body');
    });

    stuck('one that fails hard gives its error', async () => {
      const waiter = start(firstFails);

      expect(String(await caught(waiter({ failHard: true })))).toBe('Error: boom');

      expect(waiter.exceptions).toHaveLength(2);
      isOfSource(waiter.exceptions[1], 'body');
    });

    stuck('a scope that ends is late by one grace, and warns of what nobody asks for', async () => {
      const elapsed = await timed(() =>
        scope({ grace }, async () => {
          start();
          await sleep(20);
        }),
      );

      expect(elapsed).toBe(1020);
      expect(reported()).toHaveLength(1);
      expect(reported()[0]).toBeInstanceOf(UnhandledErrors);
      isOfSource((reported()[0] as UnhandledErrors).errors[0], 'body');
    });

    stuck('a task that is cancelled ends at once: the copies are of its scope', async () => {
      const before = now();
      await scope(async (s) => {
        const task = schedule(async () => start()());
        await sleep(20);
        task.cancel(why);
        expect((await task.settled()).status).toBe('cancelled');
        expect(now() - before).toBe(20);
        s.cancel();
      });
      expect(now() - before).toBe(1020);
    });
  });
});
