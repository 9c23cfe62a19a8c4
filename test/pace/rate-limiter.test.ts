import { AsyncLocalStorage } from 'node:async_hooks';
import {
  Cancelled,
  collect,
  currentScope,
  map,
  mapStream,
  now,
  parseRate,
  RateLimiter,
  rateLimited,
  scope,
  sleep,
  TaskLocal,
} from 'skein';
import { explore, virtual } from 'skein/testing';
import { describe, expect, it } from 'vitest';
import { CountedAbort, failure } from '../sync/support.ts';
import { worst } from './rate-model.ts';
import { inTrueTime } from './true-time.ts';

const five = Array.from({ length: 5 }, (_, i) => i);

describe('RateLimiter', () => {
  it('starts a call that finds a free slot before run returns', () =>
    virtual(async () => {
      const limiter = new RateLimiter({ maxCalls: 1, period: '1s' });
      let started = false;

      const result = limiter.run(() => {
        started = true;
        return 'done';
      });

      expect(started).toBe(true);
      expect(await result).toBe('done');
    }));

  it('rejects with what the function throws, at once or later', () =>
    virtual(async () => {
      const limiter = new RateLimiter({ maxCalls: 1, period: '1s' });
      const wrong = (): never => {
        throw new Error('wrong');
      };

      expect((await failure(limiter.run(wrong))).message).toBe('wrong');
      expect((await failure(limiter.run(wrong))).message).toBe('wrong');
      expect((await failure(limiter.run(async () => wrong()))).message).toBe('wrong');
      expect(now()).toBe(2000);
    }));

  it('counts a start from the return of the function, not from before the call', () =>
    inTrueTime(async (time) => {
      const limiter = new RateLimiter({ maxCalls: 1, period: 100 });
      const starts: number[] = [];
      const heldUp = (): void => {
        time.leap(30);
        starts.push(time.now());
      };

      const both = [limiter.run(heldUp), limiter.run(heldUp)];
      time.finish();
      await Promise.all(both);

      expect(starts).toEqual([30, 160]);
    }));

  it('has calls wait that are made by the function that it is calling', () =>
    virtual(async (clock) => {
      const limiter = new RateLimiter({ maxCalls: 2, period: '1s' });
      const log: string[] = [];

      await limiter.run(() => {
        const inner = limiter.run(() => log.push(`inner ${clock.now()}`));
        log.push('outer');
        return inner;
      });

      expect(log).toEqual(['outer', 'inner 0']);
    }));

  it('waits for a period of more than 2^31 ms', () =>
    virtual(async (clock) => {
      const limiter = new RateLimiter({ maxCalls: 1, period: '1000h' });

      await Promise.all([limiter.run(() => 1), limiter.run(() => 2)]);

      expect(clock.now()).toBe(3_600_000_000);
    }));

  it('waits a period at most, and lets no burst through, when the clock is set back by a day', () =>
    inTrueTime(async (time) => {
      const limiter = new RateLimiter({ maxCalls: 2, period: 100 });
      const starts: number[] = [];
      const calls = five.map(() => limiter.run(() => starts.push(time.true)));

      time.advance(50);
      time.setBack(86_400_000);
      time.finish();
      await Promise.all(calls);

      expect(starts).toEqual([0, 0, 200, 200, 300]);
    }));

  it('lets no burst through after the process was suspended', () =>
    inTrueTime(async (time) => {
      const limiter = new RateLimiter({ maxCalls: 2, period: 100 });
      const starts: number[] = [];
      const calls = five.map(() => limiter.run(() => starts.push(time.now())));

      time.leap(10_000);
      time.finish();
      await Promise.all(calls);

      expect(starts).toEqual([0, 0, 10_000, 10_000, 10_100]);
    }));

  it('counts who waits', () =>
    virtual(async () => {
      const limiter = new RateLimiter({ maxCalls: 1, period: '1s' });

      const calls = five.map((i) => limiter.run(() => i, { key: i % 2 }));

      expect(limiter.waiting).toBe(3);
      expect(limiter.stats()).toEqual({ waiting: 3, keys: 2 });
      expect(await Promise.all(calls)).toEqual(five);
      expect(limiter.stats()).toEqual({ waiting: 0, keys: 2 });
      await sleep('1s');
      expect(limiter.stats()).toEqual({ waiting: 0, keys: 0 });
    }));

  it('pauses, and the longer of two pauses counts', () =>
    virtual(async (clock) => {
      const limiter = new RateLimiter({ maxCalls: 2, period: '1s' });
      const first = five.map(() => limiter.run(() => clock.now()));

      limiter.pauseFor('5s');
      limiter.pauseFor('2s');

      expect(await Promise.all(first)).toEqual([0, 0, 5000, 5000, 6000]);
    }));

  it('sends a waiting call home when its scope is cancelled, and nobody loses a slot', () =>
    virtual(async (clock) => {
      const limiter = new RateLimiter({ maxCalls: 1, period: '1s' });
      await limiter.run(() => undefined);

      const cancelled = scope(async (s) => {
        s.spawn(() => sleep(10).then(() => s.cancel('enough')));
        await limiter.run(() => expect.fail('started'));
      });
      const after = limiter.run(() => clock.now());

      expect(await failure(cancelled)).toBeInstanceOf(Cancelled);
      expect(await after).toBe(1000);
    }));

  it('calls nothing in a scope that is cancelled', () =>
    virtual(async () => {
      const limiter = new RateLimiter({ maxCalls: 1, period: '1s' });

      const cancelled = scope(async (s) => {
        s.cancel('before');
        await limiter.run(() => expect.fail('started'));
      });

      expect(await failure(cancelled)).toBeInstanceOf(Cancelled);
      expect(await limiter.run(() => 'free')).toBe('free');
    }));

  it('gives up after a timeout, which does not count the time of the function', () =>
    virtual(async (clock) => {
      const limiter = new RateLimiter({ maxCalls: 1, period: '1s' });
      const slow = (): Promise<number> => sleep('10s').then(() => clock.now());

      const calls = [
        limiter.run(slow, { timeout: 1 }),
        limiter.run(slow, { timeout: 999 }).catch((error: Error) => `${error.name} ${clock.now()}`),
        limiter.run(slow, { timeout: 1001 }),
      ];

      expect(await Promise.all(calls)).toEqual([10_000, 'TimeoutError 999', 11_000]);
    }));

  it('keeps one listener on a signal that many wait with, and none in the end', () =>
    virtual(async () => {
      const limiter = new RateLimiter({ maxCalls: 1, period: '1s' });
      const abort = new CountedAbort();
      const calls = five.map((i) => limiter.run(() => i, { signal: abort.signal }));
      const outcomes = Promise.allSettled(calls);

      expect(abort.listeners).toBe(1);
      await sleep('1s');
      abort.abort('stop');

      const statuses = (await outcomes).map(({ status }) => status);
      expect(statuses).toEqual(['fulfilled', 'fulfilled', ...five.slice(2).map(() => 'rejected')]);
      expect(abort.listeners).toBe(0);
      expect(limiter.waiting).toBe(0);
    }));

  it('turns all away, for good, when its own signal aborts', () =>
    virtual(async () => {
      const abort = new CountedAbort();
      const limiter = new RateLimiter({ maxCalls: 1, period: '1s', signal: abort.signal });
      const first = await limiter.run(() => 'first');
      expect(abort.listeners).toBe(0);
      const started = limiter.run(() => sleep(1).then(() => 'ended'), { key: 'a' });
      const waiting = [undefined, 'a', 'a'].map((key) => failure(limiter.run(() => 1, { key })));
      expect(abort.listeners).toBe(1);

      abort.abort('closing');

      expect(await Promise.all(waiting)).toEqual(['closing', 'closing', 'closing']);
      expect(await failure(limiter.run(() => 1))).toBe('closing');
      expect([first, await started]).toEqual(['first', 'ended']);
      expect(abort.listeners).toBe(0);
      expect(limiter.waiting).toBe(0);
    }));

  it('calls each function in the context of whoever submitted it', () =>
    virtual(async () => {
      const limiter = new RateLimiter({ maxCalls: 1, period: '1s' });
      const storage = new AsyncLocalStorage<number>();
      const local = new TaskLocal<number>('local');
      const look = (): unknown => [storage.getStore(), local.get(), currentScope().name];

      const seen = await Promise.all(
        five.map((i) =>
          storage.run(i, () =>
            local.run(-i, () => scope({ name: `s${i}` }, () => limiter.run(look))),
          ),
        ),
      );

      expect(seen).toEqual(five.map((i) => [i, -i, `s${i}`]));
    }));

  it('gives each key the whole rate', () =>
    virtual(async (clock) => {
      const limiter = new RateLimiter({ maxCalls: 1, period: '1s' });
      const start = (key?: string): Promise<number> => limiter.run(() => clock.now(), { key });

      const starts = await Promise.all(['a', 'b', 'a', 'c', undefined, 'b', undefined].map(start));

      expect(starts).toEqual([0, 0, 1000, 0, 0, 1000, 1000]);
    }));

  it('remembers the keys in use only, however many there were', () =>
    virtual(async () => {
      const limiter = new RateLimiter({ maxCalls: 1, period: '1s' });
      const waiting = limiter.run(() => 0, { key: 'busy' });
      const later = limiter.run(() => 1, { key: 'busy' });

      for (let round = 0; round < 10; round++) {
        for (let i = 0; i < 100; i++) await limiter.run(() => i, { key: `${round} ${i}` });
        await sleep('500ms');
      }

      expect(limiter.stats().keys).toBeLessThanOrEqual(200);
      await Promise.all([waiting, later]);
    }));

  it('is right under all schedules, wherever it is cancelled', async () => {
    const { complete } = await explore(
      async () => {
        const limiter = new RateLimiter({ maxCalls: 1, period: 10 });
        const starts: number[] = [];
        const call = async (): Promise<void> => {
          await limiter.run(() => starts.push(now())).catch(() => undefined);
        };
        await scope({ onError: 'continue' }, async (s) => {
          for (const name of ['ann', 'bob', 'cleo']) s.spawn(call, name);
        }).catch(() => undefined);
        expect(worst(starts, 10).most).toBe(1);
        expect(limiter.waiting).toBe(0);
        expect(starts).toEqual([0, 10, 20].slice(0, starts.length));
      },
      { cancelAnywhere: true, runs: 20_000 },
    );
    expect(complete).toBe(true);
  });
});

describe('rateLimited', () => {
  it('passes arguments and results on, and shares its rate among all that it wraps', () =>
    virtual(async (clock) => {
      const limited = rateLimited({ maxCalls: 1, period: '1s' });
      const add = limited((a: number, b: number) => a + b);
      const shout = limited(async (text: string) => `${text}! ${clock.now()}`);

      expect(await Promise.all([add(1, 2), shout('here')])).toEqual([3, 'here! 1000']);
    }));

  it('takes the key from the arguments', () =>
    virtual(async (clock) => {
      const limited = rateLimited({ maxCalls: 1, period: '1s', key: (host: string) => host });
      const look = limited((host: string, path: string) => `${host}${path} ${clock.now()}`);

      expect(await Promise.all([look('a', '/1'), look('b', '/1'), look('a', '/2')])).toEqual([
        'a/1 0',
        'b/1 0',
        'a/2 1000',
      ]);
    }));

  it('rejects when the key cannot be told', () =>
    virtual(async () => {
      const key = (): never => {
        throw new Error('no key');
      };

      const call = rateLimited({ maxCalls: 1, period: 1, key })(() => 1);

      expect((await failure(call())).message).toBe('no key');
    }));
});

describe('the pace of a flow', () => {
  const starts: number[] = [];
  const note = (n: number): number => {
    starts.push(now());
    return n;
  };
  const pace = (): RateLimiter => new RateLimiter(parseRate('2/s'));
  const flows: readonly [string, (pace: RateLimiter | '2/s') => Promise<number[]>][] = [
    ['map', (p) => map(five, note, { pace: p })],
    ['mapStream', (p) => mapStream(five, note, { pace: p }).toArray()],
    [
      'collect',
      (p) =>
        collect(
          five.map((n) => () => note(n)),
          { pace: p },
        ),
    ],
  ];

  it.each(
    flows.flatMap(([name, flow]) => [
      { name: `${name} with a limiter`, flow, given: pace },
      { name: `${name} with text`, flow, given: (): '2/s' => '2/s' },
    ]),
  )('$name: starts are exact', ({ flow, given }) =>
    virtual(async () => {
      starts.length = 0;

      expect(await flow(given())).toEqual(five);

      expect(starts).toEqual([0, 0, 1000, 1000, 2000]);
    }),
  );

  it('is shared by flows that share the limiter, and each repetition takes a slot', () =>
    virtual(async () => {
      starts.length = 0;
      const shared = pace();
      const fails = (n: number, { attempt }: { attempt: number }): number => {
        note(n);
        if (attempt === 1) throw new Error('again');
        return n;
      };

      await Promise.all([
        map([1], fails, { pace: shared, retry: { retries: 1, backoff: 0 } }),
        map([2, 3], note, { pace: shared }),
      ]);

      expect(starts).toEqual([0, 0, 1000, 1000]);
    }));
});
