import { describe, expect, it } from 'vitest';
import { encodeThrown } from '../../src/shipping/error-codec.ts';
import { throughEach } from './both-ways.ts';

class Problem {
  readonly code: number = 7;
  readonly retry: () => number = () => 1;
}

class Data {
  readonly code: number = 7;
  readonly at: readonly number[] = [1, 2];
}

/** Its fields, and what it says it is. */
function seen(arrived: unknown): readonly [fields: object, tag: string] {
  return [{ ...(arrived as object) }, String(arrived)];
}

describe('an instance of a class that is no error, thrown', () => {
  it('arrives with the fields that can be cloned, the others as their text, and the name of its class', () => {
    throughEach(new Problem(), (arrived) => {
      expect(seen(arrived)).toEqual([{ code: 7, retry: 'function retry' }, '[object Problem]']);
      expect(Object.getPrototypeOf(arrived)).toBe(Object.prototype);
    });
  });

  it('has the name of its class, too, when all of it can be cloned, and its cycles', () => {
    const data: Data & { self?: unknown } = new Data();
    data.self = data;

    throughEach(data, (arrived) => {
      expect(seen(arrived)).toMatchObject([{ code: 7, at: [1, 2] }, '[object Data]']);
      expect((arrived as { self: unknown }).self).toBe(arrived);
      expect(Object.keys(arrived as object)).toEqual(['code', 'at', 'self']);
    });
  });

  it.each<readonly [string, unknown, (value: unknown) => unknown]>([
    ['a cause', new Error('m', { cause: new Problem() }), (error) => (error as Error).cause],
    ['one of several errors', new AggregateError([new Problem()]), (error) => at(error, 'errors')],
    [
      'a field of an error',
      Object.assign(new Error('m'), { a: [new Problem()] }),
      (e) => at(e, 'a'),
    ],
    ['in a plain object', { a: [new Problem()] }, (thrown) => at(thrown, 'a')],
    ['in a Map', new Map([['k', new Problem()]]), (map) => (map as Map<string, unknown>).get('k')],
    ['in a Set', new Set([new Problem()]), (set) => [...(set as Set<unknown>)][0]],
  ])('does so as %s', (_, thrown, find) => {
    throughEach(thrown, (arrived) => {
      expect(seen(find(arrived))).toEqual([
        { code: 7, retry: 'function retry' },
        '[object Problem]',
      ]);
    });
  });

  it('has errors in its fields as errors', () => {
    const held = Object.assign(new Data(), {
      why: Object.assign(new RangeError('m'), { code: 'E_WHY' }),
    });

    throughEach(held, (arrived) => {
      expect(String(arrived)).toBe('[object Data]');
      const { why } = arrived as typeof held;
      expect(why).toBeInstanceOf(RangeError);
      expect(why).toMatchObject({ message: 'm', code: 'E_WHY' });
    });
  });

  it('loses only a field whose getter throws, and one that leads back to it is text in the end', () => {
    const problem = Object.assign(new Problem(), { self: undefined as unknown });
    problem.self = { problem };
    Object.defineProperty(problem, 'bad', {
      enumerable: true,
      get() {
        throw new TypeError('no');
      },
    });

    throughEach(problem, (arrived) => {
      expect(arrived).toMatchObject({ code: 7, bad: '(a getter that threw TypeError: no)' });
      expect((arrived as { self: { problem: unknown } }).self.problem).toMatch(/^(?:<ref|Problem)/);
    });
  });

  it.each<readonly [string, () => object, object]>([
    ['without a class', () => Object.assign(Object.create(null), { a: 1, f() {} }), { a: 1 }],
    ['a proxy', () => new Proxy(new Problem(), {}), { code: 7 }],
    [
      'of a class without a name',
      () =>
        new (class {
          a = 1;
          f = (): void => {};
        })(),
      { a: 1 },
    ],
    [
      'whose class cannot be read',
      () =>
        Object.create(
          {
            get constructor() {
              throw new Error('no');
            },
          },
          { a: { value: 1, enumerable: true }, f: { value: () => 1, enumerable: true } },
        ),
      { a: 1 },
    ],
    [
      'that calls itself a promise',
      () =>
        new (class {
          a = 1;
          f = (): void => {};
          [Symbol.toStringTag] = 'Promise';
        })(),
      { a: 1 },
    ],
  ])('may be one %s', (_, make, fields) => {
    throughEach(make(), (arrived) => {
      expect(arrived).toMatchObject(fields);
      expect(Object.prototype.toString.call(arrived)).toMatch(/^\[object (?:Object|Problem)\]$/);
    });
  });

  it('is taken apart only so far as it is not one of many: what a socket leads to is text', () => {
    const inner = new Problem();

    throughEach(Object.assign(new Problem(), { inner }), (arrived) => {
      expect((arrived as { inner: unknown }).inner).toMatch(/^Problem/);
    });
  });

  it.each<readonly [string, unknown]>([
    [
      'a Map',
      new Map<unknown, unknown>([
        ['a', 1],
        [{ b: 2 }, new Set([3])],
      ]),
    ],
    ['a Set', new Set([1, 'a'])],
    ['a typed array', new Uint8Array(1_000_000)],
    ['a Date', new Date(5)],
    ['a boxed number', Object(5)],
    ['a big integer', 5n],
  ])('is itself when it is %s', (_, thrown) => {
    throughEach(thrown, (arrived) => expect(arrived).toEqual(thrown));
  });

  it('keeps what can be cloned of a Map and a Set, and the errors in them', () => {
    class Own extends Map<unknown, unknown> {
      override entries(): never {
        throw new Error('mine');
      }
    }
    const map = new Own([
      ['f', () => 1],
      ['e', Object.assign(new RangeError('m'), { code: 'E' })],
    ]);

    throughEach(map, (arrived) => {
      expect(arrived).toBeInstanceOf(Map);
      expect([...(arrived as Map<unknown, unknown>)]).toMatchObject([
        ['f', expect.stringMatching(/^function/)],
        ['e', { message: 'm', code: 'E' }],
      ]);
    });
    throughEach(new Set([Symbol('s'), 1]), (arrived) => {
      expect(arrived).toEqual(new Set(['Symbol(s)', 1]));
    });
  });

  it.each<readonly [string, object]>([
    ['a promise', Promise.resolve()],
    ['a WeakMap', new WeakMap()],
    ['a response', new Response('x')],
  ])('is text when it is %s, which shows no fields', (_, thrown) => {
    throughEach(thrown, (arrived) => expect(typeof arrived).toBe('string'));
  });

  it('is encoded in a way that can be cloned again', () => {
    throughEach(new Problem(), (arrived) => {
      expect(() => structuredClone(encodeThrown(arrived))).not.toThrow();
      expect(String(arrived)).toBe('[object Problem]');
    });
  });
});

function at(owner: unknown, key: string): unknown {
  return (owner as Record<string, readonly unknown[]>)[key]?.[0];
}
