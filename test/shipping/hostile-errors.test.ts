import { describe, expect, it } from 'vitest';
import { encodeThrown } from '../../src/shipping/error-codec.ts';
import { throughEach } from './both-ways.ts';

describe('what a body throws, where it resists', () => {
  const hostile: readonly (readonly [string, () => unknown])[] = [
    ['a getter that throws', () => Object.defineProperty(new Error('m'), 'x', thrower('x'))],
    ['a message that throws', () => Object.defineProperty(new Error('m'), 'message', thrower('a'))],
    ['a stack that throws', () => Object.defineProperty(new Error('m'), 'stack', thrower('a'))],
    ['a name that throws', () => Object.defineProperty(new Error('m'), 'name', thrower('a'))],
    ['a getter of something new', () => Object.defineProperty(new Error('m'), 'a', once())],
    ['a stack that is no text', () => Object.assign(new Error('m'), { stack: [() => 1] })],
    ['a message that is no text', () => Object.assign(new Error('m'), { message: Symbol('s') })],
    ['a name that is no text', () => Object.assign(new Error('m'), { name: 5 })],
    ['a code that is no text', () => Object.assign(new Error('m'), { code: () => 1 })],
    ['a frozen error', () => Object.freeze(new Error('m'))],
    ['an error that is not native', () => Object.create(Error.prototype)],
    ['a proxy of an error', () => new Proxy(new Error('m'), {})],
    ['a proxy that refuses', () => new Proxy(new Error('m'), refusing())],
    ['a proxy that refuses, of an object', () => new Proxy({}, refusing())],
    ['a revoked proxy', () => revoked()],
    ['a cause that refuses', () => new Error('m', { cause: revoked() })],
    ['no prototype', () => Object.setPrototypeOf(new Error('m'), null)],
    ['a prototype that throws', () => Object.setPrototypeOf(new Error('m'), revoked())],
    ['errors that are none', () => Object.assign(new AggregateError([]), { errors: () => 1 })],
    ['a class that throws', () => Object.create(Object.create(Error.prototype, throwing()))],
    ['text that throws', () => ({ toString: thrower('a').get, f() {} })],
    ['an inspection that throws', () => inspectable()],
    ['a deep object', () => nested(50_000)],
    ['a list in a list without end', () => endless()],
  ];

  it.each(hostile)('may be %s: it is encoded all the same', (_, make) => {
    throughEach(make(), (arrived) => {
      expect(() => structuredClone(encodeThrown(arrived))).not.toThrow();
    });
  });

  it('says of a getter that it threw', () => {
    const error = Object.defineProperty(new Error('m'), 'x', thrower('no'));

    throughEach(error, (arrived) => {
      expect(arrived).toMatchObject({ message: 'm', x: '(a getter that threw Error: no)' });
    });
  });

  it('takes an immense graph that cannot be cloned apart only so far', () => {
    const wide = (depth: number): unknown =>
      Object.fromEntries(
        Array.from({ length: 60 }, (_, i) => [`k${i}`, depth === 0 ? () => i : wide(depth - 1)]),
      );
    const shared = wide(1);
    const graph = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`g${i}`, shared]));

    throughEach(Object.assign(new Error('m'), { graph }), (arrived) => {
      expect(JSON.stringify(arrived).length).toBeLessThan(3_000_000);
    });
  });
});

function thrower(message: string): { readonly get: () => never; readonly enumerable: true } {
  return {
    enumerable: true,
    get: () => {
      throw new Error(message);
    },
  };
}

/** A getter that can be read once. */
function once(): PropertyDescriptor {
  let read = false;
  return {
    enumerable: true,
    get: () => {
      if (read) throw new Error('again');
      read = true;
      return { fine: true };
    },
  };
}

function refusing(): ProxyHandler<object> {
  const { get: refuse } = thrower('refused');
  return { get: refuse, getPrototypeOf: refuse, ownKeys: refuse, getOwnPropertyDescriptor: refuse };
}

function throwing(): PropertyDescriptorMap {
  return { constructor: { get: thrower('a').get }, name: { get: thrower('b').get } };
}

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

function inspectable(): object {
  return { f() {}, [Symbol.for('nodejs.util.inspect.custom')]: thrower('a').get, w: new WeakSet() };
}

function nested(depth: number): object {
  let at: object = { f() {} };
  for (let i = 0; i < depth; i++) at = { at };
  return at;
}

function endless(): unknown[] {
  const list: unknown[] = [() => 1];
  list.push(list, { list });
  return list;
}
