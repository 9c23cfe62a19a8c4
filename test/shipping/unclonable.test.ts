import { Socket } from 'node:net';
import { Unclonable } from 'skein';
import { describe, expect, it } from 'vitest';
import {
  findUnclonable,
  unclonableArguments,
  unclonableResult,
} from '../../src/shipping/unclonable.ts';

class Job {
  readonly name = 'a';
  readonly onDone = (): void => undefined;
}

describe('findUnclonable', () => {
  it.each<readonly [unknown, string]>([
    [[{ onDone() {} }], 'args[0].onDone is a function'],
    [[1, ['a', 'b', 'c', Symbol('s')]], 'args[1][3] is a symbol'],
    [[Promise.resolve()], 'args[0] is a promise'],
    [[new Map([['k', new WeakMap()]])], "args[0].get('k') is a WeakMap"],
    [[new Map<unknown, unknown>([[() => 1, 1]])], 'args[0].key(0) is a function'],
    [[new Map([[{ a: 1 }, new WeakSet()]])], 'args[0].get(an Object) is a WeakSet'],
    [[new Set([1, () => 1])], 'args[0].item(1) is a function'],
    [[{ 'a-b': { $c: () => 1 } }], "args[0]['a-b'].$c is a function"],
    [[{ größe: { a·b: { 'µ²': () => 1 } } }], "args[0].größe.a·b['µ²'] is a function"],
    [[class A {}], 'args[0] is a class'],
    [[new WeakRef({})], 'args[0] is a WeakRef'],
    [[(function* () {})()], 'args[0] is a generator'],
    [[(async function* () {})()], 'args[0] is an async generator'],
    [[new Proxy({}, {})], 'args[0] is a proxy'],
    [[new Proxy([], {})], 'args[0] is a proxy'],
    [[new Job()], 'args[0].onDone is a function (args[0] is an instance of Job)'],
    [[new ReadableStream()], 'args[0] is an instance of ReadableStream'],
    [
      [
        {
          get a(): never {
            throw new Error('no');
          },
        },
      ],
      'args[0].a is a getter that throws no',
    ],
  ])('names the culprit by its path: %#', (args, expected) => {
    const culprit = findUnclonable(args, 'args');

    expect(`${culprit?.path} is ${culprit?.what}`).toBe(expected);
    expect(() => structuredClone(args)).toThrow();
  });

  it('names the object of the host that holds the culprit', () => {
    const socket = new Socket();

    expect(findUnclonable({ socket }, 'result')?.what).toMatch(
      / \(result\.socket is an instance of Socket\)$/,
    );
    socket.destroy();
  });

  it('finds nothing in what can be cloned, cycles included', () => {
    const cyclic: Record<string, unknown> = {
      date: new Date(),
      pattern: /a/,
      bytes: new Uint8Array(2),
      shared: new SharedArrayBuffer(2),
      error: new Error('m'),
      nothing: [null, undefined, 5n, 'a'],
      map: new Map([[{}, new Set([1])]]),
      bare: Object.create(null),
    };
    cyclic.self = [cyclic];
    (cyclic.map as Map<unknown, unknown>).set(cyclic, cyclic);

    expect(findUnclonable(cyclic, 'args')).toBeUndefined();
    expect(() => structuredClone(cyclic)).not.toThrow();
  });

  it('goes on behind a cycle, in the order of the clone', () => {
    const cyclic: Record<string, unknown> = {};
    cyclic.self = cyclic;
    cyclic.first = () => 1;
    cyclic.second = Symbol('s');

    expect(findUnclonable(cyclic, 'it')?.path).toBe('it.first');
  });

  it('needs no stack for what is nested deeply, and shortens its path', () => {
    let deep: unknown = () => 1;
    for (let i = 0; i < 100_000; i++) deep = [deep];

    const culprit = findUnclonable(deep, 'args');

    expect(culprit?.what).toBe('a function');
    expect(culprit?.path.length).toBeLessThan(100);
  });

  it('goes by another way of cloning where it is told one', () => {
    const refuseDates = (value: unknown): unknown => {
      if (value instanceof Date) throw new Error('no dates here');
      return value;
    };

    expect(findUnclonable([new Date()], 'args', refuseDates)).toEqual({
      path: 'args[0]',
      what: 'an instance of Date',
    });
  });
});

describe('Unclonable', () => {
  it('says which argument of which task it is', () => {
    const cause = new DOMException('could not be cloned', 'DataCloneError');
    const error = unclonableArguments([1, { onDone() {} }], 'add', cause);

    expect(error).toBeInstanceOf(TypeError);
    expect(error).toBeInstanceOf(Unclonable);
    expect(error).toMatchObject({
      name: 'Unclonable',
      code: 'ERR_UNCLONABLE',
      path: 'args[1].onDone',
      message: 'Cannot send argument 1 of "add" to a worker: args[1].onDone is a function',
      cause,
    });
  });

  it('says the same of a result', () => {
    const error = unclonableResult(Symbol('s'), 'add', undefined);

    expect(error.message).toBe('Cannot send the result of "add" from a worker: result is a symbol');
  });

  it('says what the host says when no part is to blame', () => {
    const error = unclonableArguments([1], 'add', new RangeError('too large'));

    expect(error.message).toBe('Cannot send the arguments of "add" to a worker: too large');
    expect(error.path).toBeUndefined();
  });
});
