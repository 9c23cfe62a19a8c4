import { gather, openScope, type Scope, schedule, scope, sleep, sleepForever } from 'skein';
import { assertNoLeaks, idle, Sequencer, virtual } from 'skein/testing';
import { describe, expect, it } from 'vitest';

describe('idle', () => {
  it('waits until all others are blocked, and lets no time pass', () =>
    virtual(async (clock) => {
      const log: string[] = [];
      schedule(async () => {
        for (let i = 0; i < 50; i++) await Promise.resolve();
        log.push('before the sleep');
        await sleep(10);
        log.push('after the sleep');
      });

      await idle();

      expect([log, clock.now()]).toEqual([['before the sleep'], 0]);
      await sleep(20);
    }));

  it('works in real time too', async () => {
    await scope(async (s) => {
      let blocked = false;
      s.spawn(async () => {
        await new Promise((resolve) => setImmediate(resolve));
        blocked = true;
        await sleepForever();
      });

      await idle();

      expect(blocked).toBe(true);
      s.cancel();
    });
  });
});

describe('Sequencer', () => {
  it('gives turns by number, each when the one before is blocked', () =>
    virtual(async () => {
      const sequencer = new Sequencer();
      const log: string[] = [];
      const turn = (n: number) => async () => {
        await sequencer.at(n);
        log.push(`${n} starts`);
        await Promise.resolve();
        log.push(`${n} goes on`);
      };

      await gather([turn(2), turn(0), turn(1)]);

      expect(log).toEqual([0, 1, 2].flatMap((n) => [`${n} starts`, `${n} goes on`]));
    }));

  it('refuses a turn that was asked for before, or is none', async () => {
    const sequencer = new Sequencer();
    await sequencer.at(0);

    await expect(sequencer.at(0)).rejects.toThrow(RangeError);
    await expect(sequencer.at(-1)).rejects.toThrow(RangeError);
  });
});

describe('assertNoLeaks', () => {
  it('passes what cleans up, and gives its value', () =>
    virtual(async () => {
      expect(await assertNoLeaks(() => scope(() => sleep(1).then(() => 'value')))).toBe('value');
    }));

  it('names a task, a scope and a timer that are left', async () => {
    let left: Scope | undefined;

    const error = await assertNoLeaks(() => {
      left = openScope({ name: 'forgotten' });
      left.spawn(() => sleep('1h'), 'sleeper');
    }).catch((e: Error) => e.message);
    await left?.[Symbol.asyncDispose]();

    expect(error).toMatch(/forgotten.*\n.*sleeper.*waits for sleep/);
    expect(error).toMatch(/1 timer/);
  });
});
