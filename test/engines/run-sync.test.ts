import {
  Deadlock,
  NotShippable,
  runSync,
  TaskNotFound,
  TimedOut,
  task,
  Unclonable,
  WorkerDied,
} from 'skein';
import { afterAll, describe, expect, it } from 'vitest';
import { countCalls, nested, Refused, refuse } from './fixtures/sync-tasks.ts';

afterAll(() => {
  expect(() => runSync(() => process.exit())).toThrow(WorkerDied);
});

function thrownBy(fn: () => unknown): unknown {
  try {
    fn();
  } catch (error) {
    return error;
  }
  return expect.fail('nothing was thrown');
}

const later = async (ms: number): Promise<number> => {
  await new Promise((resolve) => setTimeout(resolve, ms));
  return ms;
};

describe('runSync', () => {
  it.each<readonly [string, unknown]>([
    ['undefined', undefined],
    ['null', null],
    ['a boolean', true],
    ['a number', 1.5],
    ['not a number', Number.NaN],
    ['minus zero', -0],
    ['a big integer', 5n],
    ['text', 'text'],
    ['an object', { a: [1, { b: new Map([[1, new Set([2])]]) }], when: new Date(0) }],
    ['bytes', new Uint8Array([1, 2])],
  ])('passes %s there and back, of a function that is asynchronous or not', (_, value) => {
    expect(runSync((given: unknown) => given, value)).toEqual(value);
    expect(runSync(async (given: unknown) => given, value)).toEqual(value);
  });

  it('blocks until the promise has settled', () => {
    expect(runSync(later, 20)).toBe(20);
  });

  it('settles what is not quite a promise', () => {
    const thenable = () => ({
      // biome-ignore lint/suspicious/noThenProperty: it is what the test is about.
      then: (resolve: (value: number) => void) => resolve(7),
    });

    expect(runSync(thenable as () => unknown)).toBe(7);
  });

  it('answers 10,000 calls in turn, each with its own result', () => {
    const double = (n: number): number => n * 2;
    const triple = async (n: number): Promise<number> => n * 3;

    for (let i = 0; i < 5000; i++) {
      expect(runSync(double, i)).toBe(i * 2);
      expect(runSync(triple, i)).toBe(i * 3);
    }
  });

  it('keeps the worker, and the variables of the modules in it, from call to call', () => {
    const first = runSync(countCalls);

    expect(runSync(countCalls)).toBe(first + 1);
  });

  it('runs inside of a worker that it has started', () => {
    expect(runSync(nested, 1)).toBe(3);
  });

  it.each([
    ['thrown', () => runSync(() => JSON.parse('{'))],
    ['rejected', () => runSync(async () => JSON.parse('{'))],
  ])('throws what is %s, with its class and the stacks of both sides', (_, call) => {
    const error = thrownBy(call) as Error;

    expect(error).toBeInstanceOf(SyntaxError);
    expect(error.stack).toMatch(/JSON\.parse[\s\S]+--- submitted at\n {4}at .*run-sync\.test\.ts/);
    expect(error.stack).not.toContain('run-sync.ts');
  });

  it('throws errors of classes that are registered, with their causes', () => {
    const error = thrownBy(() => runSync(refuse, 503)) as AggregateError;

    expect(error).toBeInstanceOf(AggregateError);
    expect(error.errors).toEqual([new Refused(503)]);
    expect(error.errors[0]).toBeInstanceOf(Refused);
    expect(error.cause).toBeInstanceOf(Refused);
  });

  it.each([
    ['null', null],
    ['undefined', undefined],
    ['text', 'no'],
  ])('throws %s where that is thrown', (_, value) => {
    const reject = (given: unknown) => Promise.reject(given);

    expect(thrownBy(() => runSync(reject, value))).toBe(value);
  });

  it.each<readonly [string, () => unknown]>([
    ['text', () => runSync('add' as never)],
    ['undefined', () => runSync(undefined as never)],
    ['a generator function', () => runSync(function* () {} as never)],
    ['an asynchronous generator function', () => runSync(async function* () {} as never)],
    ['a time-out that is none', () => runSync.with({ timeout: 'soon' as never })],
    ['a time-out of 0', () => runSync.with({ timeout: 0 })],
    ['options that are none', () => runSync.with(5 as never)],
  ])('refuses %s', (_, call) => {
    expect(call).toThrow(/^Expected /);
  });

  it('refuses a function that uses variables around it', () => {
    const factor = later.length;

    expect(() => runSync((n: number) => n * factor, 2)).toThrow(NotShippable);
    expect(() => runSync((n: number) => n * factor, 2)).toThrow('"factor"');
  });

  it('names an argument that cannot be sent, and goes on', () => {
    const take = (given: unknown): string => typeof given;
    const wrong = thrownBy(() => runSync(take, { onDone() {} }));

    expect(wrong).toBeInstanceOf(Unclonable);
    expect(wrong).toMatchObject({
      path: 'args[0].onDone',
      message: 'Cannot send argument 0 of "take" to a worker: args[0].onDone is a function',
    });
    expect(runSync(take, {})).toBe('object');
  });

  it('names a result that cannot be sent, and goes on', () => {
    const give = () => ({ list: [1, () => 1] });
    const giveLater = async () => ({ list: [1, () => 1] });

    for (const fn of [give, giveLater]) {
      expect(thrownBy(() => runSync(fn))).toMatchObject({
        code: 'ERR_UNCLONABLE',
        path: 'result.list[1]',
      });
    }
    expect(runSync(() => 1)).toBe(1);
  });

  it('says of a module that does not load which one it is, each time', () => {
    const missing = task('file:///nowhere/at-all.ts', function missing() {});

    for (let i = 0; i < 2; i++) {
      const error = thrownBy(() => runSync(missing)) as TaskNotFound;
      expect(error).toBeInstanceOf(TaskNotFound);
      expect(error.message).toContain('file:///nowhere/at-all.ts');
    }
  });

  it('says of a module that starts work when it is imported that it must not', () => {
    const url = new URL('./fixtures/starts-work.ts', import.meta.url);
    const late = task(url, function late() {});

    expect(() => runSync(late)).toThrow(/while a worker imports .*starts-work\.ts/);
  });

  it.each([0, 1, 7])('says that the worker exited with code %i', (exitCode) => {
    const quit = (code: number): void => process.exit(code);
    const error = thrownBy(() => runSync(quit, exitCode));

    expect(error).toBeInstanceOf(WorkerDied);
    expect(error).toMatchObject({
      code: 'ERR_WORKER_DIED',
      exitCode,
      task: 'quit',
      state: 'running',
      message: `Could not finish "quit": its worker exited with code ${exitCode}; it is not run again because it had started`,
    });
    expect(runSync(() => 'a new one')).toBe('a new one');
  });

  it('has the error as cause that nobody caught in the worker', () => {
    const explode = (): Promise<never> => {
      setTimeout(() => {
        throw new RangeError('out of the blue');
      }, 1);
      return new Promise(() => undefined);
    };
    const error = thrownBy(() => runSync(explode)) as WorkerDied;

    expect(error).toBeInstanceOf(WorkerDied);
    expect(error.exitCode).toBe(1);
    expect(error.cause).toBeInstanceOf(RangeError);
    expect(error.cause).toMatchObject({ message: 'out of the blue' });
  });

  it('has no part in the death of a worker between two calls', () => {
    const dieSoon = () => {
      setImmediate(() => process.exit(3));
      return 'fine';
    };
    const pause = new Int32Array(new SharedArrayBuffer(4));

    expect(runSync(dieSoon)).toBe('fine');
    Atomics.wait(pause, 0, 0, 200);

    expect(runSync(() => 'a new one')).toBe('a new one');
  });

  it('says that a promise can never settle, instead of waiting for it', () => {
    const never = () => new Promise<never>(() => undefined);

    // Deno 2.9 ends a worker that has nothing left to do without asking it (no 'beforeExit').
    const expected = 'Deno' in globalThis ? WorkerDied : Deadlock;

    for (let i = 0; i < 2; i++) expect(thrownBy(() => runSync(never))).toBeInstanceOf(expected);
    expect(runSync(later, 1)).toBe(1);
  });

  it('stops at its time-out what never ends, and the next call has its own answer', () => {
    const quick = runSync.with({ timeout: 50 });
    const spin = (): never => {
      for (;;);
    };

    for (const slow of [spin, () => new Promise(() => setInterval(() => undefined, 1000))]) {
      const error = thrownBy(() => quick(slow as () => unknown));
      expect(error).toBeInstanceOf(TimedOut);
      expect(error).toMatchObject({ after: 50 });
      expect(runSync(() => 'its own')).toBe('its own');
    }
  });

  it('gives the result of what ends in time', () => {
    expect(runSync.with({ timeout: '20s' })(later, 1)).toBe(1);
    expect(runSync.with({})(later, 1)).toBe(1);
    expect(runSync.with({ timeout: Number.POSITIVE_INFINITY })(later, 1)).toBe(1);
  });

  it('lets the event loop of its worker turn while calls follow each other', () => {
    const start = () => {
      const state = globalThis as { turned?: boolean };
      setImmediate(() => {
        state.turned = true;
      });
    };
    const turned = () => (globalThis as { turned?: boolean }).turned === true;

    runSync(start);
    const limit = performance.now() + 10_000;
    while (!runSync(turned)) expect(performance.now()).toBeLessThan(limit);
  });
});
