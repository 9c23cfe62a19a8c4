/**
 * Values of so many levels that one side can write them and the other cannot read them: they fail their own call, and nothing else.
 *
 * @module
 */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { processes } from 'skein';
import { describe, expect, it } from 'vitest';
import { open, seal, unseal } from '../../src/engines/process/seal.ts';
import { deep, failed, SHAPE_NAMES, type Shape, tryAll } from './fixtures/deep.ts';
import { withPool } from './pools.ts';

const POOL = { name: 'processes', make: processes } as const;

/** What a stack of the usual size can write, and what it can read, ends among these, for each shape at another place. */
const BORDERS = [1700, 2900, 3150, 3500];

describe('values of many levels', () => {
  it.each(SHAPE_NAMES)(
    'arrive, or fail their call alone: %s',
    (shape) =>
      withPool(POOL, { size: 1 }, async (engine) => {
        const depths = [1000, ...BORDERS, shape === 'list' ? 100_000 : 6000];
        expect(await tryAll(engine, depths, [shape])).toEqual([]);
        expect(await failed(engine, 10_000, shape)).toBe('deep');
      }),
    120_000,
  );

  it.each([
    [16, [2900, 20_000]],
    [1, [1500, 3100]],
  ])(
    'arrive, or fail their call alone, where the parent has a stack of %i megabytes',
    // Once, beside the whole suite, it did not end, and nobody knows yet why.
    { timeout: 60_000, retry: 1 },
    async (stackSizeMb, depths) => {
      const worker = new Worker(new URL('./fixtures/deep-thread.ts', import.meta.url), {
        workerData: depths,
        resourceLimits: { stackSizeMb },
        execArgv: ['--conditions=@skein/source', '--no-warnings'],
      });
      const [wrong] = await once(worker, 'message');
      expect(wrong).toEqual([]);
      await once(worker, 'exit');
    },
  );
});

describe('a seal', () => {
  it.each<[string, unknown, boolean]>([
    ['a number', 1, false],
    ['a small object', { a: [1, { b: new Map([[1, new Set([2])]]) }] }, false],
    ['bytes', new Uint8Array(10_000), true],
    ['a date, an expression, a buffer', [new Date(0), /x/, new ArrayBuffer(9)], false],
    ['many numbers', new Array(9000).fill(0), false],
    ['very many numbers', new Array(11_000).fill(0), true],
    ['a hundred levels', deep(100, 'map'), false],
    ['a thousand levels', deep(1000, 'map'), true],
    ['a cycle', ring(), true],
    [
      'an instance',
      [
        new (class N {
          x = 1;
        })(),
      ],
      true,
    ],
    ['an error', new Error('x'), true],
    [
      'a getter that throws',
      {
        get x(): never {
          throw new Error('no');
        },
      },
      false,
    ],
  ])('%s', (_, value, isSealed) => {
    expect(seal(value) !== value).toBe(isSealed);
  });

  it('opens what it has sealed, and leaves the rest as it is', () => {
    const large = { list: new Array(11_000).fill('x'), map: new Map([[1, { a: new Date(0) }]]) };
    expect(seal(large)).toBeInstanceOf(Uint8Array);
    expect(unseal(seal(large))).toEqual(large);
    const small = [1, 2];
    expect(seal(small)).toBe(small);
    expect(unseal(small)).toBe(small);
  });

  it('leaves to the channel what it cannot write, but for what is too deep', () => {
    const odd = [new Array(11_000).fill(0), () => 1];
    expect(seal(odd)).toBe(odd);
    expect(() => seal(deep(100_000, 'list' satisfies Shape))).toThrow(RangeError);
  });

  it('does not open what nobody has sealed', () => {
    for (const bytes of [new Uint8Array(0), new Uint8Array(9), 'text', undefined, 7, {}])
      expect(() => open(bytes)).toThrow();
  });
});

function ring(): unknown {
  const value: unknown[] = [];
  value.push(value);
  return value;
}
