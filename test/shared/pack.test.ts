import { Barrier, Deferred, Lock, mapStream, Queue, Semaphore } from 'skein';
import { describe, expect, it } from 'vitest';
import { arePrimitive } from '../../src/engines/shared/contents.ts';
import {
  type Hole,
  type Lending,
  type Packed,
  pack,
  unpack,
} from '../../src/engines/shared/pack.ts';
import type { Where } from '../../src/engines/shared/path.ts';

/** Lends by number, and shows proxies as texts. */
class Register implements Lending {
  readonly objects: object[] = [];

  lend(_kind: string, object: object): { readonly id: number } {
    if (!this.objects.includes(object)) this.objects.push(object);
    return { id: this.objects.indexOf(object) };
  }
}

function packed(values: readonly unknown[], where: Where = 'args'): Packed {
  const register = new Register();
  return pack(values, where, () => register, 'add');
}

function crossed(...values: unknown[]): readonly unknown[] {
  const borrower = { borrow: ({ kind, id }: Hole) => `${kind} ${id}` };
  return unpack(structuredClone(packed(values)), () => borrower);
}

describe('packing', () => {
  it('leaves values without anything shared as they are', () => {
    const primitives = [1, 'a', null, undefined, true, 1n];
    expect(arePrimitive(primitives)).toBe(true);
    expect(packed(primitives)).toEqual({ values: primitives, holes: undefined });

    const cyclic: unknown[] = [new Date(0), new Uint8Array(2), new Map([[1, new Set([2])]]), /x/u];
    cyclic.push(cyclic);
    const values = [cyclic, { a: { b: [1] } }, new Error('e')];
    expect(packed(values).values).toBe(values);
    expect(packed(values).holes).toBeUndefined();
  });

  it('finds what is shared at any depth and leaves the arguments unchanged', () => {
    const queue = new Queue();
    const { signal } = new AbortController();
    const args = [{ list: [1, { queue }] }, signal, queue];
    expect(crossed(...args)).toEqual([{ list: [1, { queue: 'queue 0' }] }, 'signal 1', 'queue 0']);
    expect(args).toEqual([{ list: [1, { queue }] }, signal, queue]);
  });

  it('finds keys and values of maps and members of sets', () => {
    const [a, b, c] = [new Queue(), new Queue(), new Lock()];
    const [map, set] = crossed(
      new Map<unknown, unknown>([
        ['first', 1],
        [a, { inside: b }],
        ['c', c],
      ]),
      new Set([a, 'text', [b]]),
    );
    expect([...(map as Map<unknown, unknown>)]).toEqual([
      ['first', 1],
      ['queue 0', { inside: 'queue 1' }],
      ['c', 'limiter 2'],
    ]);
    expect([...(set as Set<unknown>)]).toEqual(['queue 0', 'text', ['queue 1']]);
  });

  it('keeps cycles and identity', () => {
    const shared = { queue: new Queue() };
    const cyclic: Record<string, unknown> = { a: shared, b: shared };
    cyclic.self = cyclic;
    const [copy] = crossed(cyclic) as [typeof cyclic];
    expect(copy.self).toBe(copy);
    expect(copy.a).toBe(copy.b);
    expect(copy.a).toEqual({ queue: 'queue 0' });
  });

  it('keeps fields that are named like those of all objects', () => {
    const odd = JSON.parse('{"__proto__": {"x": 1}, "queue": 0}') as Record<string, unknown>;
    odd.queue = new Queue();
    const [copy] = crossed(odd) as [Record<string, unknown>];
    expect(Object.keys(copy)).toEqual(['__proto__', 'queue']);
    expect(Object.getPrototypeOf(copy)).toBe(Object.prototype);
  });

  it('tells what is shared from what is copied by its class', () => {
    const kinds = [
      new Queue(),
      new AbortController().signal,
      new Lock(),
      new Semaphore(1),
      (function* () {})(),
      (async function* () {})(),
      mapStream([1], async (n) => n),
      { next: () => ({ done: true }) },
      [1].values(),
      new Map().entries(),
      () => 1,
    ];
    expect(packed(kinds).holes?.map(({ kind }) => kind)).toEqual([
      'queue',
      'signal',
      'limiter',
      'limiter',
      ...Array.from({ length: 6 }, () => 'iterator'),
      'callback',
    ]);
    const copied = [
      new Uint8Array(1),
      Buffer.from('a'),
      new ReadableStream(),
      new Map(),
      [],
      'text',
    ];
    expect(packed(copied).holes).toBeUndefined();
  });

  it.each([
    ['args', [1, { onDone: () => 1 }], 'args[1].onDone', 'argument 1 of "add"'],
    ['args', [{ 'a-b': [new Set([() => 1])] }], 'args[0]["a-b"][0][0]', 'argument 0 of "add"'],
    ['result', [() => 1], 'result', 'the result of "add"'],
    ['result', [{ queue: new Queue() }], 'result.queue', 'the result of "add"'],
    ['item', [{ f: () => 1 }], 'item.f', 'an item of "add"'],
    ['args', [{ gate: new Barrier(2) }], 'args[0].gate', 'an instance of Barrier'],
    ['args', [new Deferred()], 'args[0]', 'an instance of Deferred'],
    ['args', [[Promise.resolve()]], 'args[0][0]', 'a promise'],
    ['sent', [new Queue()], 'sent', 'an instance of Queue'],
  ] as const)(
    'refuses in %s what can be neither copied nor shared: %#',
    (where, values, path, what) => {
      expect(() => packed(values, where)).toThrow(
        expect.objectContaining({
          code: 'ERR_UNCLONABLE',
          path,
          message: expect.stringContaining(`${what}`),
        }),
      );
    },
  );
});
