import { checkpoint, scope, sleep } from 'skein';
import { explore, replay } from 'skein/testing';
import { describe, expect, it } from 'vitest';
import { chooseOne, passOn } from './explored-primitives.ts';

/** A body of some tasks that log their turns, and the logs of its runs. */
function turns(names: readonly string[], rounds: number): [() => Promise<void>, string[]] {
  const logs: string[] = [];
  const body = async (): Promise<void> => {
    let log = '';
    await scope(async (s) => {
      for (const name of names) {
        s.spawn(async () => {
          for (let i = 0; i < rounds; i++) {
            log += name;
            await passOn();
          }
        }, name);
      }
    });
    logs.push(log);
  };
  return [body, logs];
}

describe('the exhaustive strategy', () => {
  it('runs every order once, the default one first', async () => {
    const [body, logs] = turns(['a', 'b'], 2);

    const { runs, complete } = await explore(body);

    // Three steps each, with the last, which says nothing: 6! / (3! 3!) orders.
    expect([logs[0], runs, complete]).toEqual(['abab', 20, true]);
    expect([...new Set(logs)].sort()).toEqual(['aabb', 'abab', 'abba', 'baab', 'baba', 'bbaa']);
  });

  it('tells when runs were not enough', async () => {
    const [body] = turns(['a', 'b'], 2);

    expect(await explore(body, { runs: 19 })).toMatchObject({ runs: 19, complete: false });
    expect(await explore(body, { runs: 20 })).toMatchObject({ runs: 20, complete: true });
  });

  it('takes every way of a select', async () => {
    const seen: string[] = [];

    const { complete } = await explore(async () => {
      const first = chooseOne(3);
      await passOn();
      seen.push(`${first}${chooseOne(2)}${chooseOne(1)}`);
    });

    // The last run is the one in which nobody is held back.
    expect([seen.slice(0, -1), complete]).toEqual([
      ['000', '010', '100', '110', '200', '210'],
      true,
    ]);
  });

  it('cancels every task at every point, one a run', async () => {
    const cancelled = new Set<string>();

    const { complete } = await explore(
      async () => {
        let log = '';
        await scope(async (s) => {
          const task = s.spawn(async () => {
            log += '1';
            await passOn();
            log += '2';
            await sleep(5);
            log += '3';
          });
          await task.settled();
          log += task.status;
        });
        cancelled.add(log);
      },
      { cancelAnywhere: true },
    );

    // It always runs to its first wait. One that was resumed before the cancellation keeps its result.
    expect([...cancelled].sort()).toEqual(['123done', '12cancelled', '1cancelled']);
    expect(complete).toBe(true);
  });

  it('has a task that gave the event loop a turn take part in the next choice', async () => {
    const logs = new Set<string>();

    await explore(async () => {
      let log = '';
      await scope(async (s) => {
        for (const name of 'ab') {
          s.spawn(async () => {
            log += name;
            await checkpoint();
            log += name;
          });
        }
      });
      logs.add(log);
    });

    expect(logs.size).toBe(6);
  });
});

describe('the delay-bounded strategy', () => {
  it.each([
    { depth: 0, expected: ['abc'] },
    { depth: 1, expected: ['abc', 'acb', 'bac'] },
    { depth: 2, expected: ['abc', 'acb', 'bac', 'bca', 'cab'] },
  ])('passes over at most $depth ready tasks', async ({ depth, expected }) => {
    const [body, logs] = turns(['a', 'b', 'c'], 1);

    const { complete } = await explore(body, { strategy: 'delay-bounded', depth });

    expect([...new Set(logs)].sort()).toEqual(expected);
    expect(complete).toBe(false);
  });

  it('is complete when the bound has left nothing out', async () => {
    const [body, logs] = turns(['a', 'b'], 1);

    const { complete } = await explore(body, { strategy: 'delay-bounded', depth: 10 });

    expect([[...new Set(logs)], complete]).toEqual([['ab', 'ba'], true]);
  });
});

describe('the strategies of chance', () => {
  it.each([
    { strategy: 'random', expected: 'accbba accabb cacbba ababcc' },
    { strategy: 'pct', expected: 'bbaacc abbcca aaccbb ccbbaa' },
  ] as const)(
    'draw the same from a seed on every runtime: $strategy',
    async ({ strategy, expected }) => {
      const [body, logs] = turns(['a', 'b', 'c'], 2);

      const exploration = await explore(body, { strategy, seed: 'skein', runs: 4 });

      expect(logs.slice(0, -1).join(' ')).toBe(expected);
      expect(exploration).toMatchObject({ seed: 'skein', runs: 4, complete: false });
    },
  );

  it('draw others from another, or from none, and tell which', async () => {
    const [body, logs] = turns(['a', 'b', 'c'], 3);
    const { seed } = await explore(body, { strategy: 'random', runs: 20 });
    const drawn = logs.splice(0).join();

    await explore(body, { strategy: 'random', runs: 20, seed: seed as number });

    expect(logs.splice(0).join()).toBe(drawn);
    await explore(body, { strategy: 'random', runs: 20, seed: (seed as number) + 1 });
    expect(logs.join()).not.toBe(drawn);
  });

  it.each(['random', 'pct'] as const)('cancel at points all over a run: %s', async (strategy) => {
    const lengths = new Set<number>();

    await explore(
      async () => {
        let steps = 0;
        await scope(async (s) => {
          s.spawn(async () => {
            for (; steps < 5; steps++) await passOn();
          });
        });
        lengths.add(steps);
      },
      { strategy, seed: 1, runs: 100, cancelAnywhere: true },
    );

    expect([...lengths].sort()).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('pct meets a bug that takes an unlikely order', async () => {
    const body = async (): Promise<void> => {
      let count = 0;
      await scope(async (s) => {
        s.spawn(async () => {
          for (; count < 30; count++) await passOn();
        });
        s.spawn(async () => {
          await passOn();
          if (count === 30) throw new Error('late');
        });
      });
    };

    await expect(explore(body, { strategy: 'pct', seed: 1, runs: 50 })).rejects.toThrow('late');
    expect((await explore(body, { strategy: 'random', seed: 1, runs: 50 })).runs).toBe(50);
  });
});

describe('replay', () => {
  it.each([
    { trace: '', expected: 'abcabc' },
    { trace: '2', expected: 'cabcab' },
    { trace: '1.1.0.1', expected: 'bcacba' },
  ])("runs the schedule '$trace'", async ({ trace, expected }) => {
    const [body, logs] = turns(['a', 'b', 'c'], 2);

    await replay(body, trace);

    expect(logs).toEqual([expected]);
  });

  it('cancels where the trace says, and takes the ways of select that it says', async () => {
    const log: string[] = [];
    const body = async (): Promise<void> => {
      await scope(async (s) => {
        for (const name of ['a', 'b']) {
          s.spawn(async () => {
            await passOn();
            log.push(`${name}${chooseOne(2)}`);
          }, name);
        }
      });
    };

    await replay(body, '0.0.0.s1');
    await replay(body, 'c0.0.0.0.s1');

    expect(log).toEqual(['a1', 'b0', 'b1']);
  });

  it.each([
    { trace: '7', problem: 'choice 1 is 7, but at step 1 there are 2 ready and 0 tasks to cancel' },
    { trace: 's1', problem: 'choice 1 is s1, but at step 1 there are 2 ready' },
    {
      trace: 'c5',
      problem: 'choice 1 is c5, but at step 1 there are 2 ready and 2 tasks to cancel',
    },
    { trace: '0.0.0.0.1', problem: 'the run ended before the last 2 of its choices' },
  ])("refuses the trace '$trace', which does not fit", async ({ trace, problem }) => {
    const [body] = turns(['a', 'b'], 1);

    await expect(replay(body, trace)).rejects.toThrow(`Cannot replay '${trace}': ${problem}`);
  });

  it.each(['1.', 'x', '0.-1', 'c1.c1', '1 2'])("refuses '%s', which is no trace", async (trace) => {
    await expect(replay(() => undefined, trace)).rejects.toThrow(RangeError);
  });

  it('refuses what is no text', async () => {
    await expect(replay(() => undefined, 1 as never)).rejects.toThrow(TypeError);
  });
});
