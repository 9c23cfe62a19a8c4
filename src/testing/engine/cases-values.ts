/**
 * The engine contract: arguments, results and the context.
 *
 * @module
 */
import { map } from '../../flow/map.ts';
import { equal } from './check.ts';
import type { CaseBody } from './contract-case.ts';
import * as tasks from './contract-tasks.ts';

/** A value of every kind that can be cloned. */
function cloneable(): Record<string, unknown> {
  const loop: Record<string, unknown> = { name: 'cycle' };
  loop.self = loop;
  const sparse: unknown[] = [];
  sparse[2] = 'third';
  const shared = { once: true };
  return {
    undefined: undefined,
    null: null,
    true: true,
    false: false,
    zero: 0,
    'negative zero': -0,
    'small integer': 7,
    'negative integer': -7,
    'integer beyond 32 bits': 2 ** 40,
    fraction: 0.1,
    NaN: Number.NaN,
    Infinity: Number.POSITIVE_INFINITY,
    '-Infinity': Number.NEGATIVE_INFINITY,
    bigint: 12n ** 30n,
    'empty text': '',
    text: 'text with ünïcode 🙂 and \0',
    'half a surrogate pair': '\ud83d',
    'long text': 'x'.repeat(300_000),
    array: [1, [2, [3]], 'four', undefined, null],
    'sparse array': sparse,
    object: { a: 1, b: { c: [true] }, u: undefined },
    cycle: loop,
    'same object twice': [shared, shared],
    date: new Date(0),
    regexp: /a+(b)?/giu,
    map: new Map<unknown, unknown>([
      ['k', new Set([1, 2])],
      [{ key: true }, 'v'],
    ]),
    set: new Set(['a', 1, null]),
    buffer: new Uint8Array([1, 2, 3]).buffer,
    bytes: new Uint8Array([1, 2, 255]),
    floats: new Float64Array([0.5, Number.NaN]),
    'big integers': new BigInt64Array([1n, -1n]),
    view: new DataView(new ArrayBuffer(8), 2, 4),
    error: new RangeError('as a value'),
    'boxed number': Object(5),
  };
}

/** Arguments, results, context. */
export const valueCases: readonly CaseBody[] = [
  ...Object.keys(cloneable()).map(
    (kind): CaseBody => ({
      name: `passes a value both ways: ${kind}`,
      size: 1,
      async body({ engine }) {
        const value = cloneable()[kind];

        const [plain, later, inside] = await Promise.all([
          engine.submit(tasks.echo, [value], {}),
          engine.submit(tasks.echoLater, [value], {}),
          engine.submit(tasks.echo, [{ inside: [value] }], {}),
        ]);

        equal(plain, value);
        equal(later, value);
        equal(inside, { inside: [value] });
      },
    }),
  ),
  {
    name: 'passes any number of arguments, and what is undefined among them',
    async body({ engine }) {
      const many = Array.from({ length: 50 }, (_, i) => i);
      const lists: unknown[][] = [[], [undefined], [1, undefined], [undefined, null, 2], many];

      for (const list of lists) {
        equal(await engine.submit(tasks.listArguments, list, {}), list);
      }
    },
  },
  {
    name: 'gives the body a context as its last argument: signal, index, attempt',
    async body({ engine }) {
      const call = { index: 7, attempt: 3 };

      const shown = await engine.submit(tasks.showContext, ['a'], call);
      const byDefault = await engine.submit(tasks.showContext, ['b'], {});

      const rest = { aborted: false, colour: undefined };
      equal(shown, { label: 'a', index: 7, attempt: 3, ...rest });
      equal(byDefault, { label: 'b', index: 0, attempt: 1, ...rest });
    },
  },
  {
    name: 'adds further fields to the context',
    async body({ engine }) {
      const shown = await engine.submit(tasks.showContext, ['a'], { extras: { colour: 'red' } });

      equal(shown, { label: 'a', index: 0, attempt: 1, aborted: false, colour: 'red' });
    },
  },
  {
    name: 'gives the results of 2000 calls at once to the right callers',
    async body({ engine }) {
      const calls = Array.from({ length: 2000 }, (_, i) => engine.submit(tasks.add, [i, 1], {}));

      equal(
        await Promise.all(calls),
        calls.map((_, i) => i + 1),
      );
    },
  },
  {
    name: 'gives mixed values of many calls at once to the right callers',
    async body({ engine }) {
      const values = Array.from(
        { length: 300 },
        (_, i) => [i, `text ${i}`, { i }, undefined, [i], i % 2 === 0][i % 6],
      );

      equal(await map(values, tasks.echo, { engine, concurrency: 300 }), values);
    },
  },
  {
    name: 'copies arguments: what a body changes stays there',
    needs: ['copies'],
    async body({ engine }) {
      const list = [1, 2, 3];

      equal(await engine.submit(tasks.change, [list], {}), 4);

      equal(list, [1, 2, 3]);
    },
  },
  {
    name: 'takes a buffer that may be moved',
    needs: ['copies'],
    async body({ engine }) {
      const buffer = new ArrayBuffer(1024);

      equal(await engine.submit(tasks.byteLength, [buffer], { transfer: [buffer] }), 1024);
    },
  },
];
