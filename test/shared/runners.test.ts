import { inspect } from 'node:util';
import {
  AsyncEvent,
  type CallableLimiter,
  CapacityLimiter,
  type Context,
  channel,
  Lock,
  limiter,
  map,
  Queue,
  RateLimiter,
  Semaphore,
  scope,
  sleep,
} from 'skein';
import { describe, expect, it } from 'vitest';
import { Boundary, call, failure, turns } from './boundary.ts';

describe('a lock in a worker', () => {
  it('is held there from acquire to release', async () => {
    const lock = new Lock();
    await call([lock], async (there) => {
      const lease = await there.acquire();
      expect(lock.locked).toBe(true);
      expect((await failure(there.acquire({ timeout: 5 }))).code).toBe('ERR_TIMED_OUT');
      lease.release();
      lease.release();
      expect(await there.with(async () => lock.locked)).toBe(true);
      await turns(2);
      expect(lock.locked).toBe(false);
    });
  });

  it.each(['end', 'death'])('is released at the %s of its call', async (how) => {
    const lock = new Lock();
    const boundary = new Boundary();
    const [there] = boundary.cross(lock);
    await there.acquire();
    const waiting = failure(there.acquire());
    await turns(2);
    expect(lock.stats().waiting).toBe(1);
    if (how === 'death') boundary.die();
    await boundary.finish();
    expect((await waiting).code).toBe('ERR_CALL_ENDED');
    expect([lock.locked, lock.stats().waiting]).toEqual([false, 0]);
  });

  it('holds nothing when the acquire was cancelled, whichever came first', async () => {
    for (let delay = 0; delay < 8; delay++) {
      const lock = new Lock();
      const boundary = new Boundary(() => 2);
      await call(
        [lock],
        async (there) => {
          const controller = new AbortController();
          const lease = there.acquire({ signal: controller.signal }).then(
            (held) => held.release(),
            () => undefined,
          );
          await turns(delay);
          controller.abort();
          await lease;
          await turns(8);
          expect(lock.locked).toBe(false);
        },
        boundary,
      );
    }
  });

  it('is a lease of several permits where it is a semaphore', async () => {
    const semaphore = new Semaphore(4);
    await call([semaphore], async (there) => {
      await there.acquire(3);
      expect(semaphore.available).toBe(1);
      expect((await failure(there.acquire(0))) instanceof RangeError).toBe(true);
      expect(() => there.tryAcquire()).toThrow(/use await acquire/u);
    });
    expect(semaphore.available).toBe(4);
  });

  it('gives the result or the very error of the function', async () => {
    const wrong = new RangeError('mine');
    await call([new Lock()], async (there) => {
      expect(await there.run(async () => ({ f: () => 1 }))).toHaveProperty('f');
      expect(
        await failure(
          there.run(() => {
            throw wrong;
          }),
        ),
      ).toBe(wrong);
      expect(await there.wrap(async (a: number, b: number) => a + b)(1, 2)).toBe(3);
    });
  });
});

describe('a limiter in a worker', () => {
  it('bounds a flow there together with one here', async () => {
    const limit = new CapacityLimiter(2);
    let [active, most] = [0, 0];
    const body = async (n: number): Promise<number> => {
      most = Math.max(most, ++active);
      await sleep(1);
      active--;
      return n;
    };
    const source = Array.from({ length: 12 }, (_, n) => n);
    const here = map(source, body, { concurrency: limit });
    const there = await call([limit], (concurrency) => map(source, body, { concurrency }));
    expect([await here, there, most]).toEqual([source, source, 2]);
    expect(limit.borrowed).toBe(0);
  });

  it('that is a function is one there, and repeats and stops the function there', async () => {
    const limit = limiter({ concurrency: 1, retry: { retries: 2, backoff: 1 }, timeout: '20s' });
    let attempts = 0;
    await call([limit], async (there) => {
      const result = there(async (text: string) => {
        if (++attempts < 3) throw new Error('again');
        return text;
      }, 'done');
      expect(await result).toBe('done');
    });
    expect([attempts, limit.active]).toEqual([3, 0]);
  });

  it('stops a function at the time-out of the limiter', async () => {
    const limit = limiter({ concurrency: 1, timeout: 10 });
    await call([limit], async (there) => {
      let stopped = false;
      const error = await failure(
        there.run(async ({ signal }: Context) => {
          signal.addEventListener('abort', () => {
            stopped = true;
          });
          await sleep('1h');
        }),
      );
      expect([stopped, error.code]).toEqual([true, 'ERR_TIMED_OUT']);
    });
    expect(limit.active).toBe(0);
  });

  it('frees the place of a function whose worker died', async () => {
    const limit = limiter(1);
    const boundary = new Boundary();
    const [there] = boundary.cross(limit);
    let end: (() => void) | undefined;
    const body = (): Promise<void> =>
      new Promise((resolve) => {
        end = resolve;
      });
    const lost = failure(there(body));
    while (limit.active === 0) await turns(1);
    await turns(5);
    boundary.die();
    expect((await lost).code).toBe('ERR_CALL_ENDED');
    expect(await limit(async () => 'free')).toBe('free');
    end?.();
  });

  it('lets a cancelled call leave the line and call nothing', async () => {
    const limit = limiter(1);
    let release: (() => void) | undefined;
    const held = limit(
      () =>
        new Promise<void>((resolve) => {
          release = resolve;
        }),
    );
    let called = false;
    await call([limit], async (there) => {
      await failure(
        scope(async (s) => {
          s.spawn(async () => {
            while (limit.waiting === 0) await sleep(1);
            s.cancel('stop');
          });
          await there(async () => {
            called = true;
          });
        }),
      );
      await turns(3);
      expect([limit.waiting, called]).toEqual([0, false]);
    });
    release?.();
    await held;
  });

  it('counts on the account of the key', async () => {
    const limit = new RateLimiter({ maxCalls: 1, period: '1h', key: (user: string) => user });
    await call([limit], async (there) => {
      expect(there.paces).toBe(true);
      const greet = there.wrap(async (user: string) => `hello ${user}`);
      expect(await Promise.all([greet('a'), greet('b')])).toEqual(['hello a', 'hello b']);
      expect(await there.run(async () => 'c', { key: 'c' })).toBe('c');
      expect((await failure(there.run(async () => 'c', { key: 'c', timeout: 5 }))).code).toBe(
        'ERR_TIMED_OUT',
      );
    });
    expect(limit.stats()).toEqual({ waiting: 0, keys: 3 });
  });
});

describe('options of a call in a worker', () => {
  it.each([
    ['run', 'a call of a limiter', (there: Runner) => there.run(fn, { prioritty: 1 } as never)],
    [
      'ready',
      'a wait for ready of limiter',
      (there: Runner) => there.ready({ timeOut: 1 } as never),
    ],
  ])('that are unknown are refused: limiter.%s', async (_, owner, use) => {
    await call([limiter(1)], async (there) => {
      const error = await failure(use(there));

      expect(error).toBeInstanceOf(TypeError);
      expect(error.message).toMatch(new RegExp(`^Unknown option \\w+ of ${owner}: did you mean`));
    });
  });

  it.each([
    ['acquire', (there: Lock) => there.acquire({ singal: 1 } as never)],
    ['run', (there: Lock) => there.run(fn, { singal: 1 } as never)],
    ['with', (there: Lock) => there.with(fn, { singal: 1 } as never)],
  ])('that are unknown are refused: lock.%s', async (_, use) => {
    const lock = new Lock();
    await call([lock], async (there) => {
      const error = await failure(use(there));

      expect(error).toBeInstanceOf(TypeError);
      expect(error.message).toMatch(
        /^Unknown option singal of .*(lock|limiter): did you mean signal\?$/,
      );
      expect(lock.locked).toBe(false);
    });
  });

  it('may be a context: its signal ends the wait', async () => {
    const lock = new Lock();
    const held = await lock.acquire();
    await call([lock], async (there) => {
      await scope(async (s) => {
        const abort = new AbortController();
        const context = Object.create({ signal: abort.signal }, { index: { value: 0 } }) as Context;
        const waiting = [there.run(fn, context), there.with(fn, context), there.acquire(context)];
        s.spawn(async () => abort.abort('enough'));

        for (const each of waiting) expect(await failure(each)).toBe('enough');
      });
    });
    held.release();
  });
});

describe('what is printed in a worker', () => {
  it('is one line, of things that live elsewhere', async () => {
    const things = [new Lock(), limiter(1), new Queue(), new AsyncEvent(), ...channel(1)];
    await call(things, async (...there) => {
      expect(there.map((thing) => inspect(thing))).toEqual(
        ['Limiter', 'Limiter', 'Queue', 'Event', 'Sender', 'Receiver'].map(
          (what) => `${what} of another thread or process`,
        ),
      );
    });
  });
});

type Runner = CallableLimiter;
const fn = (): number => 1;
