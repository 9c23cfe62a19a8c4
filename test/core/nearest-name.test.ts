import { collect, concurrent, Lock, limiter, map, Queue, retry, scope, threads } from 'skein';
import { describe, expect, it } from 'vitest';

// Wrong on purpose: what a caller without types can do.
const any = (value: unknown): never => value as never;
const fn = (): number => 1;

async function messageOf(call: () => unknown): Promise<string> {
  try {
    await call();
  } catch (error) {
    return String(error);
  }
  return 'accepted';
}

describe('the name that was probably meant', () => {
  it.each([
    ['a letter too few', 'concurency', 'concurrency'],
    ['a letter too many', 'concurrrency', 'concurrency'],
    ['another letter', 'concurrancy', 'concurrency'],
    ['two letters swapped', 'grcae', 'grace'],
    ['the rest of the word missing', 'conc', 'concurrency'],
    ['several mistakes in a long name', 'concurencie', 'concurrency'],
    ['another case', 'timeOut', 'timeout'],
    ['words apart', 'on_error', 'onError'],
    ['words joined', 'onprogress', 'onProgress'],
    ['p-queue', 'maxConcurrency', 'concurrency'],
    ['another word', 'workers', 'concurrency'],
    ['a unit', 'timeoutMs', 'timeout'],
    ['fetch of others', 'abortSignal', 'signal'],
    ['p-map', 'stopOnError', 'onError'],
    ['p-retry', 'retries', 'retry'],
    ['the limiter', 'rate', 'pace'],
  ])('of a flow: %s', async (_, wrong, meant) => {
    expect(await messageOf(() => map([1], fn, any({ [wrong]: 1 })))).toBe(
      `TypeError: Unknown option ${wrong} of map: did you mean ${meant}?`,
    );
  });

  it.each([
    ['collect', 'concurrency', 'workers', () => collect([], any({ concurrency: 1 }))],
    ['concurrent', 'concurrency', 'limit', () => concurrent([], any({ concurrency: 1 }))],
    ['scope', 'concurrency', 'limit', () => scope(any({ concurrency: 1 }), fn)],
    ['threads', 'maxThreads', 'size', () => threads(any({ maxThreads: 1 }))],
    ['threads', 'idleTimeout', 'idle', () => threads(any({ idleTimeout: 1 }))],
    ['threads', 'workerData', 'init', () => threads(any({ workerData: 1 }))],
    ['retry', 'attempts', 'retries', () => retry(fn, any({ attempts: 1 }))],
    ['retry', 'minTimeout', 'base', () => retry(fn, any({ minTimeout: 1 }))],
    ['retry', 'maxTimeout', 'max', () => retry(fn, any({ maxTimeout: 1 }))],
    ['a queue', 'maxsize', 'max', () => new Queue(any({ maxsize: 1 }))],
    ['a queue', 'onFull', 'overflow', () => new Queue(any({ onFull: 1 }))],
    ['limiter', 'highWater', 'maxWaiting', () => limiter(any({ highWater: 1 }))],
    ['limiter', 'maxWait', 'maxWaiting', () => limiter(any({ maxWait: 1 }))],
    ['limiter', 'minTime', 'spacing', () => limiter(any({ minTime: 1 }))],
    ['a wait for lock', 'ms', 'timeout', () => new Lock().acquire(any({ ms: 1 }))],
  ])('of %s: %s is %s', async (owner, wrong, meant, call) => {
    expect(await messageOf(call)).toBe(
      `TypeError: Unknown option ${wrong} of ${owner}: did you mean ${meant}?`,
    );
  });

  it.each(['flavour', 'x', '', 'toString', '__proto__', '数'])(
    'none is near: %o',
    async (wrong) => {
      const options = JSON.parse(`{${JSON.stringify(wrong)}: 1}`) as never;

      expect(await messageOf(() => new Lock().acquire(options))).toMatch(
        /^TypeError: Unknown option (\w+|'.?') of a wait for lock: known are signal, timeout$/,
      );
    },
  );
});
