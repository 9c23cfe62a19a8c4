import { getEventListeners } from 'node:events';
import { mapStream, scope, sleep, TaskLocal } from 'skein';
import { describe, expect, it } from 'vitest';
import { pack, unpack } from '../../src/engines/shared/pack.ts';
import { Boundary, call, failure, turns } from './boundary.ts';

describe('a callback in a worker', () => {
  it('is called in order, with a result, in the context of the caller', async () => {
    const user = new TaskLocal('user', 'nobody');
    const seen: unknown[] = [];
    const onProgress = (n: number): number => {
      seen.push([n, user.get()]);
      return n + 1;
    };
    const last = await user.run('me', () =>
      call([onProgress], async (progress) => {
        void progress(1);
        void progress(2);
        return await progress(3);
      }),
    );
    expect([last, seen]).toEqual([
      4,
      [
        [1, 'me'],
        [2, 'me'],
        [3, 'me'],
      ],
    ]);
  });

  it('holds back whoever awaits it, and rejects with its error', async () => {
    let release: (() => void) | undefined;
    const slow = (): Promise<void> =>
      new Promise((resolve) => {
        release = resolve;
      });
    const bad = async (): Promise<never> => {
      throw new RangeError('no');
    };
    await call([slow, bad], async (wait, fail) => {
      let done = false;
      const waiting = wait().then(() => {
        done = true;
      });
      await turns(5);
      expect(done).toBe(false);
      release?.();
      await waiting;
      const error = await failure(fail());
      expect([error instanceof RangeError, error.message]).toEqual([true, 'no']);
      // Not awaited: nobody hears of it.
      void fail();
      await turns(3);
    });
  });

  it('is called in a cancelled scope too, where nobody can wait for it', async () => {
    const seen: string[] = [];
    await call([(text: string) => void seen.push(text)], async (log) => {
      await scope(async (s) => {
        s.cancel();
        expect((await failure(log('cleaning up') as unknown as Promise<void>)).code).toBe(
          'ABORT_ERR',
        );
        return 'done';
      });
    });
    expect(seen).toEqual(['cleaning up']);
  });

  it('that never settles keeps nothing of its call', async () => {
    let waiting: ReturnType<typeof failure> | undefined;
    await call([() => new Promise<void>(() => undefined)], async (never) => {
      waiting = failure(never());
      await turns(3);
    });
    expect((await waiting)?.code).toBe('ERR_CALL_ENDED');
  });

  it('throws when its call has ended', async () => {
    let kept: (() => void) | undefined;
    await call([() => undefined], async (callback) => {
      kept = callback;
    });
    expect(() => kept?.()).toThrow(expect.objectContaining({ code: 'ERR_CALL_ENDED' }));
  });
});

describe('an AbortSignal in a worker', () => {
  it('is a real signal that aborts with the same reason', async () => {
    const controller = new AbortController();
    const aborted = AbortSignal.abort(new RangeError('before'));
    await call([controller.signal, aborted], async (signal, before) => {
      expect(signal).toBeInstanceOf(AbortSignal);
      expect([signal.aborted, before.aborted]).toEqual([false, true]);
      expect(before.reason).toBeInstanceOf(RangeError);
      const event = new Promise((resolve) => signal.addEventListener('abort', resolve));
      controller.abort('enough');
      await event;
      expect(signal.reason).toBe('enough');
    });
  });

  it('leaves no listener', async () => {
    const { signal } = new AbortController();
    await call([signal], async () => undefined);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    const boundary = new Boundary();
    boundary.cross(signal);
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    boundary.die();
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('has aborted also where that was between packing and dispatch', async () => {
    const controller = new AbortController();
    const boundary = new Boundary();
    const [signal] = boundary.cross(controller.signal);
    controller.abort('late');
    boundary.lender.connect(boundary.owner);
    await turns(3);
    expect(signal.reason).toBe('late');
    await boundary.finish();
  });

  it('follows its call to another worker, and forgets the first one', async () => {
    const controller = new AbortController();
    const [first, second] = [new Boundary(), new Boundary()];
    const packed = pack([controller.signal], 'args', () => first.lender, 'body');
    first.lender.connect(first.owner);
    controller.abort('early');
    first.lender.connect(second.owner);
    first.owner.close();
    const [signal] = unpack(structuredClone(packed), () => second.borrower) as [AbortSignal];
    await turns(3);
    expect(signal.reason).toBe('early');
    for (const boundary of [first, second]) await boundary.finish();
  });
});

describe('an iterator in a worker', () => {
  it('is pulled one item at a time, in order, with a return value', async () => {
    let pulled = 0;
    function* count(): Generator<number, string> {
      for (; pulled < 3; pulled++) yield pulled;
      return 'end';
    }
    await call([count()], async (items) => {
      const there = items as unknown as AsyncGenerator<number, string>;
      expect(await there.next()).toEqual({ value: 0, done: false });
      expect(pulled).toBe(0);
      expect(await Promise.all([there.next(), there.next(), there.next()])).toEqual([
        { value: 1, done: false },
        { value: 2, done: false },
        { value: 'end', done: true },
      ]);
    });
  });

  it('takes sent values, and errors', async () => {
    async function* echo(): AsyncGenerator<unknown, void, number> {
      let got: unknown = 'first';
      for (;;) {
        try {
          got = yield got;
        } catch (error) {
          got = (error as Error).message;
        }
      }
    }
    await call([echo()], async (there) => {
      expect((await there.next(0)).value).toBe('first');
      expect((await there.next(5)).value).toBe(5);
      expect((await there.throw(new Error('thrown'))).value).toBe('thrown');
    });
  });

  it.each(['break', 'the end of the call', 'death'])('is closed once by %s', async (how) => {
    let closed = 0;
    async function* endless(): AsyncGenerator<number> {
      try {
        for (let n = 0; ; n++) yield n;
      } finally {
        closed++;
      }
    }
    const boundary = new Boundary();
    const [there] = boundary.cross(endless());
    if (how === 'break') for await (const n of there) if (n === 2) break;
    expect((await there.next()).done).toBe(how === 'break');
    if (how === 'death') boundary.die();
    await boundary.finish();
    await turns(2);
    expect(closed).toBe(1);
  });

  it('is not opened by whoever does not read it', async () => {
    let opened = 0;
    const source = {
      [Symbol.asyncIterator]: () => {
        opened++;
        return (async function* () {})();
      },
    };
    await call([source], async () => undefined);
    expect(opened).toBe(0);
  });

  it('may be a flow, and fails as it does', async () => {
    const flow = mapStream([1, 2, 3], async (n) => {
      if (n === 3) throw new RangeError('three');
      return n * 2;
    });
    await call([flow], async (there) => {
      const seen: number[] = [];
      const error = await failure(
        (async () => {
          for await (const n of there) seen.push(n);
        })(),
      );
      expect([seen, error instanceof RangeError]).toEqual([[2, 4], true]);
    });
  });

  it('keeps an item that was asked for by a wait that was cancelled', async () => {
    const steps: (() => void)[] = [];
    async function* slow(): AsyncGenerator<number> {
      for (let n = 0; n < 2; n++) {
        await new Promise<void>((resolve) => steps.push(resolve));
        yield n;
      }
    }
    await call([slow()], async (there) => {
      await failure(
        scope(async (s) => {
          s.spawn(async () => {
            await sleep(1);
            s.cancel('stop');
          });
          await there.next();
        }),
      );
      while (steps.length === 0) await turns(1);
      steps[0]?.();
      expect(await there.next()).toEqual({ value: 0, done: false });
    });
  });
});
