/**
 * What errors of workers call a function: by its name, and one that has none as what it is.
 *
 * @module
 */
import { type Engine, Queue, runSync } from 'skein';
import { describe, expect, it } from 'vitest';
import { POOLS, thrown, withPool } from './pools.ts';

const TRAP = { trap: (): number => 1 };

/** In a list, so that they get no name. */
const [take, give, share, exit, put, get] = [
  (_: unknown): unknown => 1,
  (): unknown => ({ trap: Symbol('s') }),
  (): unknown => ({ trap: () => 1 }),
  (code: number): unknown => process.exit(code),
  (queue: Queue<unknown>): unknown => queue.put({ trap: () => 1 }),
  (queue: Queue<unknown>): unknown => queue.get(),
] as const;

/** The same bodies, with a name and without. */
const cases = [
  {
    title: '"named"',
    take: { named: (_: unknown) => 1 }.named,
    give: { named: () => ({ trap: Symbol('s') }) }.named,
    share: { named: () => ({ trap: () => 1 }) }.named,
    exit: { named: (code: number): never => process.exit(code) }.named,
    put: { named: (queue: Queue<unknown>) => queue.put({ trap: () => 1 }) }.named,
    get: { named: (queue: Queue<unknown>) => queue.get() }.named,
  },
  { title: 'an anonymous function', take, give, share, exit, put, get },
];

async function message(promise: Promise<unknown>): Promise<string> {
  return (await thrown(promise)).message;
}

describe.each(POOLS)('errors of $name', (pool) => {
  it.each(cases)('say $title', ({ title, take, give, share, exit, put, get }) =>
    withPool(pool, { size: 1 }, async (engine: Engine) => {
      const filled = new Queue<unknown>();
      filled.tryPut(TRAP);

      expect([
        await message(engine.submit(take, [TRAP], {})),
        await message(engine.submit(take, [{ trap: Symbol('s') }], {})),
        await message(engine.submit(give, [], {})),
        await message(engine.submit(share, [], {})),
        await message(engine.submit(put, [new Queue<unknown>()], {})),
        await message(engine.submit(get, [filled], {})),
        await message(engine.submit(exit, [3], {})),
      ]).toEqual([
        `Cannot send argument 0 of ${title} to a worker: args[0].trap is a function`,
        `Cannot send argument 0 of ${title} to a worker: args[0].trap is a symbol`,
        `Cannot send the result of ${title} from a worker: result.trap is a symbol`,
        `Cannot send the result of ${title} from a worker: result.trap is a function`,
        `Cannot send to a shared object what a worker of ${title} gave it: sent.trap is a function`,
        `Cannot send an item of ${title} to a worker: item.trap is a function`,
        `Could not finish ${title}: its worker exited with code 3; it is not run again because it had started`,
      ]);
      const died = await thrown(engine.submit(exit, [3], {}));
      expect(died.task).toBe(title === '"named"' ? 'named' : undefined);
    }),
  );
});

describe('errors of runSync', () => {
  it.each(cases)('say $title', ({ title, take, give, exit }) => {
    expect(() => runSync(take, TRAP)).toThrow(`Cannot send argument 0 of ${title} to a worker`);
    expect(() => runSync(give)).toThrow(`Cannot send the result of ${title} from a worker`);
    expect(() => runSync(exit, 3)).toThrow(`Could not finish ${title}: its worker exited`);
  });
});
