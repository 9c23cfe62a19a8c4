import vm from 'node:vm';
import fc from 'fast-check';
import {
  BrokenBarrier,
  Cancelled,
  ChannelClosed,
  ConcurrentExecutionError,
  ConcurrentIteratorError,
  Deadlock,
  handleErrors,
  isCancelled,
  registerError,
  ScopeClosed,
  StuckTasks,
  TaskNotDone,
  TimedOut,
  Unclonable,
  WouldBlock,
} from 'skein';
import { describe, expect, it } from 'vitest';
import { WorkerDied } from '../../src/engines/pool/worker-died.ts';
import { CallSite } from '../../src/runtime/call-site.ts';
import { decodeThrown, encodeThrown } from '../../src/shipping/error-codec.ts';
import { throughEach } from './both-ways.ts';

class Demanding extends RangeError {
  readonly status: number;
  static made = 0;

  constructor(options: { readonly status: number }) {
    super(`status ${options.status}`);
    Demanding.made += 1;
    this.status = options.status;
  }
}
registerError(Demanding);

class Unregistered extends TypeError {
  override readonly name: string = 'Unregistered';
  readonly detail: readonly number[] = [1, 2];
}

const cancelled = Cancelled.create(new Error('enough'), 'root', 'reader');

describe('what a body throws', () => {
  it.each<readonly [string, Error]>([
    ['Error', new Error('m')],
    ['TypeError', new TypeError('m')],
    ['RangeError', new RangeError('m')],
    ['SyntaxError', new SyntaxError('m')],
    ['ReferenceError', new ReferenceError('m')],
    ['EvalError', new EvalError('m')],
    ['URIError', new URIError('m')],
    ['AggregateError', new AggregateError([], 'm')],
    ['DOMException', new DOMException('m', 'AbortError')],
    ['TimedOut', new TimedOut(5)],
    ['ScopeClosed', new ScopeClosed('m')],
    ['TaskNotDone', new TaskNotDone('m')],
    ['ChannelClosed', new ChannelClosed('m')],
    ['WouldBlock', new WouldBlock('m')],
    ['BrokenBarrier', new BrokenBarrier('m')],
    ['StuckTasks', new StuckTasks([{ name: 'a', age: 1, waitingFor: [] }], 5)],
    ['Deadlock', new Deadlock('tree')],
    ['Cancelled', cancelled],
    ['ConcurrentExecutionError', new ConcurrentExecutionError('m', 3, new Error('cause'))],
    ['ConcurrentIteratorError', new ConcurrentIteratorError('m', 3, 'cause')],
    ['Unclonable', new Unclonable('a', { path: 'args[0]', what: 'a function' })],
    ['WorkerDied', new WorkerDied({ state: 'running', exitCode: 1, task: 'job' })],
    ['a registered class', new Demanding({ status: 503 })],
  ])('keeps class, name, message, code, stack and fields of %s', (_, error) => {
    throughEach(error, (arrived) => {
      const other = arrived as Error & { code?: unknown };

      expect(Object.getPrototypeOf(other)).toBe(Object.getPrototypeOf(error));
      expect(other.name).toBe(error.name);
      expect(other.message).toBe(error.message);
      expect(other.code).toBe((error as { code?: unknown }).code);
      expect(other.stack).toBe(error.stack);
      expect(Object.keys(other)).toEqual(Object.keys(error));
      expect(other).toEqual(error);
    });
  });

  it('arrives as a real error, made without the constructor of its class', () => {
    const made = Demanding.made;

    throughEach(new Demanding({ status: 404 }), (arrived) => {
      expect(Object.prototype.toString.call(arrived)).toBe('[object Error]');
      expect((structuredClone(arrived) as Error).message).toBe('status 404');
    });
    expect(Demanding.made).toBe(made + 1);
  });

  it('degrades to the nearest class that is known, with name and fields kept', () => {
    throughEach(new Unregistered('m'), (arrived) => {
      expect(Object.getPrototypeOf(arrived)).toBe(TypeError.prototype);
      expect(arrived).toMatchObject({ name: 'Unregistered', message: 'm', detail: [1, 2] });
    });
  });

  it('is not taken for a class of this library by its name', () => {
    class TimedOutOfAUser extends Error {}
    Object.defineProperty(TimedOutOfAUser, 'name', { value: 'TimedOut' });

    throughEach(new TimedOutOfAUser('m'), (arrived) => {
      expect(arrived).not.toBeInstanceOf(TimedOut);
      expect(Object.getPrototypeOf(arrived)).toBe(Error.prototype);
    });
  });

  it('finds its class when only the side that receives has registered it', () => {
    class LateOne extends Error {}
    const encoded = encodeThrown(new LateOne('m'));

    registerError(LateOne);

    expect(decodeThrown(structuredClone(encoded), undefined)).toBeInstanceOf(LateOne);
  });

  it('keeps a name and a code that stand on the prototype of a class that is unknown', () => {
    class Stated extends Error {
      get code(): string {
        return 'E_STATED';
      }
    }
    Object.defineProperty(Stated.prototype, 'name', { value: 'StatedError' });

    throughEach(new Stated('m'), (arrived) => {
      expect(arrived).toMatchObject({ name: 'StatedError', code: 'E_STATED' });
      expect(Object.keys(arrived as object)).toEqual([]);
    });
  });

  it('remains what a cancellation is to isCancelled, its reason the same object as its cause', () => {
    throughEach(cancelled, (arrived) => {
      expect(isCancelled(arrived)).toBe(true);
      expect(arrived).toMatchObject({ scope: 'root', requestedBy: 'reader' });
      expect((arrived as Cancelled).reason).toBe((arrived as Error).cause);
    });
  });

  it('keeps the causes, whatever they are', () => {
    const error = new Error('a', { cause: new TypeError('b', { cause: { code: 7 } }) });

    throughEach(error, (arrived) => {
      const cause = (arrived as Error).cause as Error;
      expect(cause).toBeInstanceOf(TypeError);
      expect(cause.cause).toEqual({ code: 7 });
      expect(Object.keys(arrived as object)).toEqual([]);
    });
  });

  it('keeps a cause that is undefined apart from none', () => {
    throughEach(new Error('a', { cause: undefined }), (arrived) => {
      expect(Object.hasOwn(arrived as object, 'cause')).toBe(true);
    });
    throughEach(new Error('a'), (arrived) => {
      expect(Object.hasOwn(arrived as object, 'cause')).toBe(false);
    });
  });

  it('keeps cycles, and two references to one error', () => {
    const error = new AggregateError([], 'a') as AggregateError & { first?: unknown };
    const inner = new Error('b', { cause: error });
    error.errors = [inner, inner];
    error.first = inner;

    throughEach(error, (arrived) => {
      const { errors, first } = arrived as typeof error;
      expect(errors[0]).toBe(errors[1]);
      expect(first).toBe(errors[0]);
      expect((errors[0] as Error).cause).toBe(arrived);
    });
  });

  it('cuts a chain of causes that does not end, with the text of the rest', () => {
    let error = new Error('0');
    for (let i = 1; i <= 5000; i++) error = new Error(`${i}`, { cause: error });

    throughEach(error, (arrived) => {
      let depth = 0;
      let at: unknown = arrived;
      for (; at instanceof Error; at = at.cause) depth += 1;
      expect(depth).toBe(65);
      expect(at).toBe('Error: 4935');
    });
  });

  it('keeps the errors of an AggregateError with their classes', () => {
    const error = new AggregateError([new Demanding({ status: 1 }), 'text', null], 'all');

    throughEach(error, (arrived) => {
      const seen: unknown[] = [];
      expect((arrived as AggregateError).errors).toHaveLength(3);
      expect(() => handleErrors(arrived, [Demanding, (found) => seen.push(...found)])).toThrow();
      expect(seen).toEqual([new Demanding({ status: 1 })]);
    });
  });

  it('keeps both errors of a SuppressedError', () => {
    // Node 22 has no class for it: the name and two fields are what tells one there.
    const suppressed = Object.assign(new Error('m'), { name: 'SuppressedError' });
    Object.defineProperty(suppressed, 'error', { value: new TypeError('later') });
    Object.defineProperty(suppressed, 'suppressed', { value: new RangeError('first') });
    const Native = (globalThis as { SuppressedError?: new (a: unknown, b: unknown) => Error })
      .SuppressedError;
    const errors =
      Native === undefined
        ? [suppressed]
        : [suppressed, new Native(new TypeError('later'), new RangeError('first'))];

    for (const error of errors) {
      throughEach(error, (arrived) => {
        expect(Object.getPrototypeOf(arrived)).toBe(Object.getPrototypeOf(error));
        const { error: later, suppressed: first } = arrived as unknown as Record<string, unknown>;
        expect(later).toBeInstanceOf(TypeError);
        expect(first).toBeInstanceOf(RangeError);
      });
    }
  });

  it('keeps errors inside of arrays and plain objects in a field', () => {
    const error = Object.assign(new Error('m'), {
      context: { tries: [new Demanding({ status: 1 })], last: new TimedOut(3) },
    });

    throughEach(error, (arrived) => {
      const { context } = arrived as typeof error;
      expect(context.tries[0]).toBeInstanceOf(Demanding);
      expect(context.last).toBeInstanceOf(TimedOut);
    });
  });

  it('turns a field that cannot be cloned into its text, and keeps the others', () => {
    const error = Object.assign(new Error('m'), {
      retry: () => undefined,
      mark: Symbol('s'),
      weak: new WeakMap(),
      request: { url: '/a', socket: new WeakSet(), headers: new Map([['a', 1]]) },
      big: 5n,
      when: new Date(0),
      shared: new SharedArrayBuffer(1),
    });
    Object.defineProperty(error, '__proto__', { value: { polluted: true }, enumerable: true });

    throughEach(error, (arrived) => {
      expect(arrived).toMatchObject({
        retry: 'function retry',
        mark: 'Symbol(s)',
        weak: 'WeakMap { <items unknown> }',
        request: { url: '/a', headers: new Map([['a', 1]]) },
        big: 5n,
        when: new Date(0),
        shared: expect.stringContaining('SharedArrayBuffer'),
      });
      expect(Object.getPrototypeOf(arrived)).toBe(Error.prototype);
      expect('polluted' in (arrived as object)).toBe(false);
    });
  });

  it.each<readonly [string, unknown]>([
    ['null', null],
    ['undefined', undefined],
    ['text', 'no'],
    ['a number', -0],
    ['an object', { code: 'E', at: [1, { b: new Map([[1, 2]]) }] }],
    ['a list', [1, undefined, null]],
  ])('may be %s', (_, thrown) => {
    throughEach(thrown, (arrived) => expect(arrived).toEqual(thrown));
  });

  it('may be what cannot be cloned: it becomes text, an object field by field', () => {
    throughEach(
      function stop() {},
      (arrived) => expect(arrived).toBe('function stop'),
    );
    throughEach(Symbol('s'), (arrived) => expect(arrived).toBe('Symbol(s)'));
    throughEach({ code: 'E', retry() {} }, (arrived) => {
      expect(arrived).toEqual({ code: 'E', retry: 'function retry' });
    });
  });

  it('may come from another realm', () => {
    const code = `class Odd extends RangeError { constructor() { super('odd'); this.code = 'E_ODD'; } }
      const error = new AggregateError([new Odd()], 'all', { cause: new TypeError('t') }); error`;
    const error = vm.runInNewContext(code);

    throughEach(error, (arrived) => {
      expect(arrived).toBeInstanceOf(AggregateError);
      expect((arrived as Error).cause).toBeInstanceOf(TypeError);
      const [odd] = (arrived as AggregateError).errors;
      expect(odd).toBeInstanceOf(RangeError);
      expect(odd).toMatchObject({ message: 'odd', code: 'E_ODD' });
    });
  });

  it('has the stacks of both sides', () => {
    const submit = (): CallSite => new CallSite(submit);
    const error = new Error('m', { cause: new Error('inner') });

    const arrived = decodeThrown(structuredClone(encodeThrown(error)), submit()) as Error;

    const [there, here] = (arrived.stack as string).split('\n    --- submitted at\n');
    expect(there).toBe(error.stack);
    expect(here).toMatch(/^ {4}at .*error-codec\.test\.ts:\d+:\d+/);
    expect((arrived.cause as Error).stack).toBe((error.cause as Error).stack);
  });

  it('arrives the same whatever it is made of', () => {
    const leaf = fc.oneof(fc.string(), fc.integer(), fc.constant(null), fc.constant(undefined));
    const data = fc.oneof(leaf, fc.array(leaf), fc.dictionary(fc.string(), leaf), fc.bigInt());
    const kinds = [Error, TypeError, RangeError, Unregistered];
    const { tree } = fc.letrec<{ tree: unknown; error: Error }>((tie) => ({
      tree: fc.oneof({ depthSize: 'small' }, data, tie('error')),
      error: fc
        .record({
          Kind: fc.constantFrom(...kinds),
          message: fc.string(),
          cause: tie('tree'),
          errors: fc.option(fc.array(tie('tree'), { maxLength: 3 }), { nil: undefined }),
          fields: fc.dictionary(fc.string({ minLength: 8 }), tie('tree'), { maxKeys: 3 }),
        })
        .map(({ Kind, message, cause, errors, fields }) => {
          const error =
            errors === undefined
              ? new Kind(message, { cause })
              : new AggregateError(errors, message, { cause });
          for (const [key, value] of Object.entries(fields)) {
            Object.defineProperty(error, key, { value, enumerable: true });
          }
          return error;
        }),
    }));

    fc.assert(
      fc.property(tree, (thrown) => {
        throughEach(thrown, (arrived) => expect(shape(arrived)).toEqual(shape(thrown)));
      }),
      { numRuns: 200 },
    );
  });
});

describe('registerError', () => {
  it.each<readonly [string, unknown]>([
    ['no class', {}],
    ['undefined', undefined],
    ['a class of something else', Map],
    ['a function', () => undefined],
    ['a class without a name', (() => class extends Error {})()],
  ])('refuses %s, and registers none of the others then', (_, wrong) => {
    class Beside extends Error {}

    expect(() => registerError(Beside, wrong as typeof Error)).toThrow(/^Expected a class/);
    expect(
      decodeThrown(structuredClone(encodeThrown(new Beside('m'))), undefined),
    ).not.toBeInstanceOf(Beside);
  });

  it('lets the last class of a name win, as of a module that is evaluated again', () => {
    const make = () => class Twice extends Error {};
    const [first, second] = [make(), make()];

    registerError(first, second);

    expect(decodeThrown(encodeThrown(new first('m')), undefined)).toBeInstanceOf(second);
  });
});

/** What of an error must be the same on both sides; an unregistered class becomes a TypeError. */
function shape(value: unknown): unknown {
  if (!(value instanceof Error)) return Array.isArray(value) ? value.map(shape) : value;
  return {
    kind: [AggregateError, TypeError, RangeError].find((type) => value instanceof type)?.name,
    name: value.name,
    message: value.message,
    stack: value.stack,
    cause: shape(value.cause),
    errors: shape((value as Partial<AggregateError>).errors),
    fields: Object.entries(value).map(([key, field]) => [key, shape(field)]),
  };
}
