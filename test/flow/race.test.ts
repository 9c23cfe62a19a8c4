import {
  firstSuccess,
  gather,
  gatherSettled,
  race,
  schedule,
  scope,
  sleep,
  sleepForever,
} from 'skein';
import { idle, virtual } from 'skein/testing';
import { describe, expect, it } from 'vitest';

const boom = new Error('boom');
const stubborn = (ms: number): Promise<string> =>
  sleep(ms).then(
    () => 'in time',
    () => 'late value',
  );

describe('race', () => {
  it('gives the first value, when the losers have been cancelled and have ended', () =>
    virtual(async (clock) => {
      const log: string[] = [];
      const loser = async (): Promise<never> => {
        try {
          return await sleepForever();
        } finally {
          await Promise.resolve();
          log.push(`loser ended at ${clock.now()}`);
        }
      };

      const winner = await race([loser, () => sleep(10).then(() => 'winner')]);

      expect([winner, log]).toEqual(['winner', ['loser ended at 10']]);
    }));

  it('throws the first error, whatever a loser says afterwards', () =>
    virtual(async () => {
      const fail = (): Promise<never> => sleep(10).then(() => Promise.reject(boom));

      await expect(race([fail, () => stubborn(50)])).rejects.toBe(boom);
    }));

  it('cancels and awaits the tasks that it was given', () =>
    virtual(async () => {
      const task = schedule(sleepForever);

      expect(await race([task, () => 'quick'])).toBe('quick');
      expect(task.status).toBe('cancelled');
    }));

  it('is cancelled with its scope', () =>
    virtual(async () => {
      const task = schedule(() => race([sleepForever, sleepForever]));
      await idle();
      task.cancel();

      expect((await task.settled()).status).toBe('cancelled');
    }));
});

describe('firstSuccess', () => {
  it('passes over failures', () =>
    virtual(async () => {
      const value = await firstSuccess([
        () => Promise.reject(boom),
        () => sleep(10).then(() => 'second'),
        sleepForever,
      ]);

      expect(value).toBe('second');
    }));

  it('throws all errors when all failed', () =>
    virtual(async () => {
      const error = await firstSuccess([
        () => Promise.reject(boom),
        () => Promise.reject(new Error('too')),
      ]).catch((e: AggregateError) => e.errors);

      expect(error).toEqual([boom, new Error('too')]);
    }));
});

describe('gather', () => {
  it('keeps the shape of a record and of a tuple, of functions and tasks', () =>
    virtual(async () => {
      await scope(async (s) => {
        const task = s.spawn(() => sleep(5).then(() => 'task'));

        expect(await gather({ a: task, b: () => 1 })).toEqual({ a: 'task', b: 1 });
        expect(await gather([task, task, async () => 2])).toEqual(['task', 'task', 2]);
      });
    }));

  it('gatherSettled tells failed from cancelled', () =>
    virtual(async () => {
      const victim = schedule(sleepForever);
      schedule(() => sleep(5).then(() => victim.cancel('why')));

      const ends = await gatherSettled([() => 1, () => Promise.reject(boom), victim]);

      expect(ends).toMatchObject([
        { status: 'done', value: 1 },
        { status: 'failed', error: boom },
        { status: 'cancelled', error: { reason: 'why' } },
      ]);
    }));
});
