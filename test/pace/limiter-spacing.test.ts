import { limiter, now, Semaphore } from 'skein';
import { explore, virtual } from 'skein/testing';
import { describe, expect, it } from 'vitest';
import { inTrueTime, type TrueTime } from './true-time.ts';

/** Limiters with a second between two starts. */
const spaced = [
  { with: 'nothing else', make: () => limiter({ spacing: '1s' }) },
  { with: 'a concurrency', make: () => limiter({ spacing: '1s', concurrency: 2 }) },
  { with: 'a rate', make: () => limiter({ spacing: '1s', rate: '100/s' }) },
  { with: 'a semaphore', make: () => limiter({ spacing: '1s', concurrency: new Semaphore(2) }) },
  {
    with: 'a rate and a semaphore',
    make: () => limiter({ spacing: '1s', rate: '100/s', concurrency: new Semaphore(2) }),
  },
];

describe.each(spaced)('spacing with $with', ({ make }) => {
  it('holds between synchronous functions', () =>
    virtual(async (clock) => {
      const limit = make();
      const calls = [1, 2, 3, 4].map(() => limit(() => clock.now()));

      expect(await Promise.all(calls)).toEqual([0, 1000, 2000, 3000]);
    }));

  it('holds when a function takes its neighbour out of the line', () =>
    virtual(async (clock) => {
      const limit = make();
      const controller = new AbortController();
      const { signal } = controller;
      const starts: number[] = [];
      const note = () => void starts.push(clock.now());
      await Promise.allSettled([
        limit(async () => note()),
        limit(async () => {
          note();
          controller.abort();
        }),
        limit.run(note, { signal }),
        limit(note),
        limit(note),
      ]);

      expect(starts).toEqual([0, 1000, 2000, 3000]);
    }));

  it('holds when a function pauses and resumes, or calls the limiter', () =>
    virtual(async (clock) => {
      const limit = make();
      const starts: number[] = [];
      const inner: Promise<void>[] = [];
      const note = () => void starts.push(clock.now());
      await Promise.all([
        limit(() => {
          note();
          limit.pause();
          limit.resume();
          inner.push(limit(note));
        }),
        limit(note),
      ]);
      await Promise.all(inner);

      expect(starts).toEqual([0, 1000, 2000]);
    }));

  it('holds in all schedules', async () => {
    await explore(
      async () => {
        const limit = make();
        const starts: number[] = [];
        await Promise.all([
          limit(() => starts.push(now())),
          limit(async () => starts.push(now())),
          limit(() => starts.push(now())),
        ]);
        expect(starts.map((at) => at - (starts[0] ?? 0))).toEqual([0, 1000, 2000]);
      },
      { runs: 300 },
    );
  });
});

describe('spacing and a clock that is set back by a day', () => {
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  async function finish(time: TrueTime): Promise<void> {
    for (await turn(); time.timers > 0; await turn()) time.finish();
  }

  it('waits one spacing at most', () =>
    inTrueTime(async (time) => {
      const limit = limiter({ spacing: 100 });
      await limit(() => 1);
      time.advance(30);
      time.setBack(86_400_000);
      const start = limit(() => time.true);
      await finish(time);

      expect(await start).toBe(130);
    }));

  it('looks at the clock again when its timer wakes it', () =>
    inTrueTime(async (time) => {
      const limit = limiter({ spacing: 100 });
      const calls = [1, 2, 3].map(() => limit(() => time.true));
      await turn();
      time.advance(50);
      time.setBack(86_400_000);
      await finish(time);

      // The timer fires at 100, when the clock shows less than at the last start.
      expect(await Promise.all(calls)).toEqual([0, 200, 300]);
    }));
});
