/**
 * What a long life leaves behind: the same use of an engine again and again, and the heaps of this process and of the worker after each
 * round. After the first two, in which code is compiled and tables get their size, nothing may grow.
 *
 * @module
 */
import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import * as skein from '../../src/index.ts';

const ROUNDS = 7;
const WARM_UP = 2;
/** Bytes that a heap may have more at the end than after the warm-up, for each use of a round. */
const MOST_EACH = 12;
/** What the host itself may have more: code that is compiled again, and better. */
const MOST_COMPILED = 500_000;

type Use = (engine: skein.Engine, n: number) => Promise<unknown>;

/** Each with the share of the uses that it gets, as some take a thousand times as long as others, and how many there are at once. */
const USES: readonly {
  readonly name: string;
  readonly share: number;
  readonly use: Use;
  /** Default 100. */
  readonly together?: number;
}[] = [
  {
    name: 'functions for one call',
    share: 1,
    use: (engine, n) => engine.submit((m: number) => m + 1, [n], {}),
  },
  {
    name: 'functions for one call that throw',
    share: 0.1,
    use: (engine, n) =>
      engine
        .submit(
          (m: number) => {
            throw new RangeError(`no ${m}`);
          },
          [n],
          {},
        )
        .catch(() => undefined),
  },
  {
    name: 'callbacks',
    share: 0.1,
    use: (engine, n) =>
      engine.submit(
        async (ask: (m: number) => Promise<number>) => ask(1),
        [async (m: number) => m + n],
        {},
      ),
  },
  {
    name: 'generators',
    share: 0.05,
    // Each has a worker for itself.
    together: 1,
    use: async (engine, n) => {
      const values = skein.generateIn(
        engine,
        {},
        function* (m: number) {
          yield m;
        },
        n,
      );
      for await (const _ of values);
    },
  },
  {
    name: 'queues and signals',
    share: 0.1,
    use: (engine, n) => {
      const [queue, { signal }] = [new skein.Queue<number>(), new AbortController()];
      return engine.submit(
        async (items: skein.Queue<number>, m: number) => items.put(m),
        [queue, n],
        { signal },
      );
    },
  },
  {
    name: 'cancelled calls',
    share: 0.5,
    use: (engine, n) => {
      const controller = new AbortController();
      const call = engine.submit((m: number) => m + 1, [n], { signal: controller.signal });
      if (n % 2 === 0) controller.abort();
      else setImmediate(() => controller.abort());
      return call.catch(() => undefined);
    },
  },
  {
    name: 'time-outs',
    share: 0.5,
    use: (engine, n) => engine.submit((m: number) => m + 1, [n], { timeout: '1m' }),
  },
  {
    name: 'workers that die',
    share: 0.002,
    together: 1,
    use: (engine) => engine.submit(() => process.exit(1), [], {}).catch(() => undefined),
  },
];

setFlagsFromString('--expose-gc');
const collect = runInNewContext('globalThis.gc') as () => void;

async function heapOfWorker(): Promise<number> {
  const [v8, vm, { setImmediate: pause }] = await Promise.all([
    import('node:v8'),
    import('node:vm'),
    import('node:timers/promises'),
  ]);
  v8.setFlagsFromString('--expose-gc');
  const collectHere = vm.runInNewContext('globalThis.gc') as () => void;
  // Compiled code lives for some collections more.
  for (let i = 0; i < 10; i++) {
    collectHere();
    await pause();
  }
  return process.memoryUsage().heapUsed;
}

async function heaps(
  engine: skein.Engine,
): Promise<{ readonly here: number; readonly there: number }> {
  for (let i = 0; i < 3; i++) {
    collect();
    await turn();
  }
  // The first call brings what is to be forgotten.
  await engine.submit(heapOfWorker, [], {});
  const there = await engine.submit(heapOfWorker, [], {});
  collect();
  return { here: process.memoryUsage().heapUsed, there };
}

/**
 * Uses an engine `count` times in each way.
 *
 * @returns whether nothing grew
 */
export async function soakGrowth(name: 'threads' | 'processes', count: number): Promise<boolean> {
  const rows: Record<string, unknown>[] = [];
  let isFlat = true;
  const make = name === 'threads' ? skein.threads : skein.processes;
  for (const { name: what, share, use, together = 100 } of USES) {
    const each = Math.ceil((count * share) / ROUNDS);
    await using engine = make({ size: 1 });
    const since = performance.now();
    const found: Awaited<ReturnType<typeof heaps>>[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      for (let n = 0; n < each; n += together) {
        const some = Math.min(together, each - n);
        await Promise.all(Array.from({ length: some }, (_, i) => use(engine, n + i)));
      }
      found.push(await heaps(engine));
    }
    const seconds = (performance.now() - since) / 1000;
    const [first, last] = [found[WARM_UP - 1], found.at(-1)] as [
      (typeof found)[0],
      (typeof found)[0],
    ];
    const uses = each * (ROUNDS - WARM_UP);
    const grown = [last.here - first.here, last.there - first.there] as const;
    const most = Math.max(MOST_EACH * uses, MOST_COMPILED);
    if (Math.max(...grown) > most) isFlat = false;
    rows.push({
      use: what,
      times: each * ROUNDS,
      seconds: Number(seconds.toFixed(1)),
      'here, MB': (last.here / 1e6).toFixed(2),
      'grown, bytes a use': (grown[0] / uses).toFixed(1),
      'worker, MB': (last.there / 1e6).toFixed(2),
      'grown there, bytes a use': (grown[1] / uses).toFixed(1),
      flat: Math.max(...grown) <= most,
    });
  }
  console.log(`\n${name}: what a long life leaves behind`);
  console.table(rows);
  return isFlat;
}
