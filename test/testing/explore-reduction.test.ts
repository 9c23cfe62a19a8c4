import { scope } from 'skein';
import { explore } from 'skein/testing';
import { describe, expect, it } from 'vitest';
import { passOn, TestLock } from './explored-primitives.ts';
import { randomProgram } from './random-programs.ts';

/** Two tasks on each of two locks, which have nothing to do with each other. */
function twoPairs(ends: Set<string>): () => Promise<void> {
  return async () => {
    const logs = ['', ''];
    const locks = [new TestLock(), new TestLock()];
    await scope(async (s) => {
      for (let i = 0; i < 4; i++) {
        s.spawn(async () => {
          await locks[i % 2]?.acquire();
          logs[i % 2] = `${logs[i % 2]}${i}`;
          locks[i % 2]?.release();
        });
      }
    });
    ends.add(logs.join(' '));
  };
}

describe('the reduction', () => {
  it('leaves out orders of steps that use different things, and loses no outcome', async () => {
    const [all, some] = [new Set<string>(), new Set<string>()];

    const full = await explore(twoPairs(all));
    const reduced = await explore(twoPairs(some), { reduce: true });

    // Four orders of the steps of each pair; the rest are runs that turn out to be equivalent to others.
    expect([full.complete, reduced.complete]).toEqual([true, true]);
    expect([full.runs, reduced.runs]).toEqual([1120, 24]);
    expect([...some].sort()).toEqual([...all].sort());
    expect([...some].sort()).toEqual(['02 13', '02 31', '20 13', '20 31']);
  });

  it('keeps all orders of steps that touch nothing it knows', async () => {
    const orders = async (reduce: boolean): Promise<number> => {
      const body = (): Promise<void> =>
        scope(async (s) => {
          for (let i = 0; i < 3; i++) s.spawn(() => passOn());
        });
      return (await explore(body, { reduce })).runs;
    };

    expect(await orders(true)).toBe(await orders(false));
  });

  it('misses what its assumption forbids: a variable that different locks guard', async () => {
    const body = async (): Promise<void> => {
      let balance = 0;
      const deposit = (rounds: number) => async (): Promise<void> => {
        const lock = new TestLock();
        let before = 0;
        for (let round = 0; round < rounds; round++) {
          await lock.acquire();
          before = balance;
          lock.release();
        }
        await lock.acquire();
        balance = before + 1;
        lock.release();
      };
      await scope(async (s) => {
        s.spawn(deposit(1));
        s.spawn(deposit(3));
      });
      if (balance !== 2) throw new Error('an update is lost');
    };

    await expect(explore(body)).rejects.toThrow('an update is lost');
    expect(await explore(body, { reduce: true })).toMatchObject({ runs: 1, complete: true });
  });

  it.each(Array.from({ length: 5 }, (_, block) => block))(
    'ends random programs in the same states as all orders do: block %i',
    async (block) => {
      let [before, after] = [0, 0];
      for (let seed = block * 8; seed < block * 8 + 8; seed++) {
        const [all, some] = [new Set<string>(), new Set<string>()];

        const full = await explore(randomProgram(seed, all), { runs: 2000 });
        if (!full.complete) continue;
        const reduced = await explore(randomProgram(seed, some), { reduce: true });

        expect(reduced.complete, `seed ${seed}`).toBe(true);
        expect([...some].sort(), `seed ${seed}`).toEqual([...all].sort());
        before += full.runs;
        after += reduced.runs;
      }
      expect(after).toBeLessThanOrEqual(before);
    },
  );

  // Found by longer runs of the same: the start of a task, too, is something that others can see.
  it.each([2098, 2290])('does so for program %i', async (seed) => {
    const [all, some] = [new Set<string>(), new Set<string>()];

    await explore(randomProgram(seed, all));
    await explore(randomProgram(seed, some), { reduce: true });

    expect([...some].sort()).toEqual([...all].sort());
  });

  it('does so with a cancellation anywhere', async () => {
    for (const seed of [3, 8, 13, 21, 34]) {
      const [all, some] = [new Set<string>(), new Set<string>()];
      const options = { cancelAnywhere: true, runs: 5000 };

      const full = await explore(randomProgram(seed, all), options);
      if (!full.complete) continue;
      await explore(randomProgram(seed, some), { ...options, reduce: true });

      expect([...some].sort(), `seed ${seed}`).toEqual([...all].sort());
    }
  });
});
