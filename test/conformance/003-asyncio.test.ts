/**
 * Cases 44 to 46: `wait`, `gather` and `asCompleted`, after asyncio.
 *
 * @module
 */
import {
  asCompleted,
  gather,
  gatherSettled,
  schedule,
  sleep,
  type Task,
  TimedOut,
  wait,
} from 'skein';
import { virtual } from 'skein/testing';
import { describe, expect, it } from 'vitest';
import { caught, drain, job, Log, u } from './jobs.ts';

describe('44 wait', () => {
  const started = (log: Log): Task<number>[] => [0, 1, 2].map((i) => schedule(log.job(i, i)));

  it('44 wait: waits for all', () =>
    virtual(async (clock) => {
      const tasks = started(new Log());

      const { done, pending } = await wait(tasks);

      expect(done).toEqual(new Set(tasks));
      expect([...done].map((task) => task.result())).toEqual([0, 1, 2]);
      expect(pending.size).toBe(0);
      expect(clock.now()).toBe(2 * u);
    }));

  it('44 wait: reports what is done at the time-out, and the rest finishes by itself', () =>
    virtual(async (clock) => {
      const log = new Log();
      const [first, ...rest] = started(log);

      const { done, pending } = await wait([first, ...rest] as Task<number>[], {
        timeout: 0.5 * u,
      });

      expect(clock.now()).toBe(0.5 * u);
      expect([...done]).toEqual([first]);
      expect([...pending]).toEqual(rest);
      await sleep(10 * u);
      expect(rest.map((task) => task.result())).toEqual([1, 2]);
      expect(log.count('x')).toBe(0);
    }));

  it('44 wait: what is pending after the time-out sees its cancellation', () =>
    virtual(async () => {
      const log = new Log();
      const { done, pending } = await wait(started(log), { timeout: 0.5 * u });

      for (const task of pending) task.cancel();
      await wait(pending);

      expect([done.size, pending.size]).toEqual([1, 2]);
      expect(log.entries).toEqual(['s0', 's1', 's2', 'e0', 'x1', 'x2']);
      expect([...pending].map((task) => task.status)).toEqual(['cancelled', 'cancelled']);
    }));

  it('44 wait: does not fail with a failing child', () =>
    virtual(async () => {
      const error = new Error('job 0');
      const tasks = [schedule(job(0, 1, error)), schedule(job(1, 2))];

      const { done, pending } = await wait(tasks);

      expect([...done]).toEqual(tasks);
      expect(pending.size).toBe(0);
      expect(tasks[0]?.exception()).toBe(error);
    }));

  const mixed = (): Task<number>[] => [
    schedule(job(0, 1)),
    schedule(job(1, 2, new Error('job 1'))),
    schedule(job(2, 4)),
  ];

  it('44 wait: until first, returns with the first to end', () =>
    virtual(async (clock) => {
      const tasks = mixed();

      const { done, pending } = await wait(tasks, { until: 'first' });

      expect([...done]).toEqual([tasks[0]]);
      expect([...pending]).toEqual([tasks[1], tasks[2]]);
      expect(clock.now()).toBe(u);
      await sleep(10 * u);
    }));

  it('44 wait: until first-error, returns with the first that fails', () =>
    virtual(async (clock) => {
      const tasks = mixed();

      const { done, pending } = await wait(tasks, { until: 'first-error' });

      expect([...done]).toEqual([tasks[0], tasks[1]]);
      expect([...pending]).toEqual([tasks[2]]);
      expect(clock.now()).toBe(2 * u);
      await sleep(10 * u);
    }));

  it('44 wait: a cancelled child does not count as an error', () =>
    virtual(async (clock) => {
      const tasks = [schedule(job(0, 50)), schedule(job(1, 3)), schedule(job(2, 4))];
      schedule(async () => {
        await sleep(u);
        tasks[0]?.cancel();
      });

      const { done, pending } = await wait(tasks, { until: 'first-error' });

      expect(clock.now()).toBe(4 * u);
      expect([...done]).toEqual(tasks);
      expect(pending.size).toBe(0);
      expect(tasks[0]?.status).toBe('cancelled');
    }));

  it('44 wait: a cancelled wait leaves the children running', () =>
    virtual(async (clock) => {
      const log = new Log();
      const tasks = [schedule(log.job(0, 2)), schedule(log.job(1, 3))];
      const waiting = schedule(() => wait(tasks));
      await sleep(u);

      waiting.cancel();
      const { status } = await waiting.settled();

      expect(status).toBe('cancelled');
      expect(clock.now()).toBe(u);
      expect(tasks.map((task) => task.status)).toEqual(['running', 'running']);
      await sleep(10 * u);
      expect(log.entries).toEqual(['s0', 's1', 'e0', 'e1']);
      expect(tasks.map((task) => task.result())).toEqual([0, 1]);
    }));

  it('44 wait: a wait that a signal cancels leaves the children running', () =>
    virtual(async () => {
      const log = new Log();
      const task = schedule(log.job(0, 2));
      const controller = new AbortController();
      const waiting = caught(() => wait([task], { signal: controller.signal }));
      await sleep(u);

      controller.abort('enough');

      expect(await waiting).toBe('enough');
      expect(await task).toBe(0);
      expect(log.entries).toEqual(['s0', 'e0']);
    }));
});

describe('45 gather', () => {
  it('45 gather: gives results in the order of the arguments', () =>
    virtual(async (clock) => {
      const values = await gather([job(0, 3), schedule(job(1, 2)), job(2, 1)]);

      expect(values).toEqual([0, 1, 2]);
      expect(clock.now()).toBe(3 * u);
    }));

  it('45 gather: gives nothing for nothing', () =>
    virtual(async () => {
      expect(await gather([])).toEqual([]);
      expect(await gather({})).toEqual({});
    }));

  it('45 gather: gives the value of a task twice that is there twice', () =>
    virtual(async () => {
      const log = new Log();
      const task = schedule(log.job(7, 1));

      expect(await gather([task, task])).toEqual([7, 7]);
      expect(log.entries).toEqual(['s7', 'e7']);
    }));

  it('45 gather: gives errors beside the values when it is asked to', () =>
    virtual(async () => {
      const error = new Error('job 1');

      const settled = await gatherSettled([job(0, 2), job(1, 1, error)]);

      expect(settled).toEqual([
        { status: 'done', value: 0 },
        { status: 'failed', error },
      ]);
    }));

  it('45 gather: rejects with the first error in time, unwrapped', () =>
    virtual(async (clock) => {
      const late = new Error('late');
      const early = new Error('early');

      expect(await caught(() => gather([job(0, 2, late), job(1, 1, early)]))).toBe(early);
      expect(clock.now()).toBe(u);
    }));

  it('45 gather: cancelling it cancels every child', () =>
    virtual(async (clock) => {
      const log = new Log();
      const task = schedule(log.job(0, 5));
      const gathering = schedule(() => gather([task, log.job(1, 5), log.job(2, 5)]));
      await sleep(u);

      gathering.cancel();
      const { status } = await gathering.settled();

      expect(status).toBe('cancelled');
      expect(task.status).toBe('cancelled');
      expect(log.entries.slice(0, 3).toSorted()).toEqual(['s0', 's1', 's2']);
      expect(log.entries.slice(3).toSorted()).toEqual(['x0', 'x1', 'x2']);
      expect(clock.now()).toBe(u);
    }));

  it('45 gather: after an error the siblings are cancelled and have ended', () =>
    virtual(async (clock) => {
      const log = new Log();
      const error = new Error('job 1');
      const task = schedule(log.job(0, 5));

      const thrown = await caught(() => gather([task, log.job(1, 1, error), log.job(2, 5)]));

      expect(thrown).toBe(error);
      expect(clock.now()).toBe(u);
      expect(task.status).toBe('cancelled');
      expect(log.entries.slice(3).toSorted()).toEqual(['e1', 'x0', 'x2']);
    }));

  it('45 gather: told to continue, the siblings finish after an error', () =>
    virtual(async (clock) => {
      const log = new Log();
      const error = new Error('job 1');
      const jobs = [log.job(0, 5), log.job(1, 1, error), log.job(2, 3)];

      const thrown = await caught(() => gather(jobs, { onError: 'continue' }));

      expect(thrown).toBeInstanceOf(AggregateError);
      expect(thrown).toMatchObject({ errors: [error] });
      expect(log.entries).toEqual(['s0', 's1', 's2', 'e1', 'e2', 'e0']);
      expect(clock.now()).toBe(5 * u);
    }));
});

describe('46 as-completed', () => {
  it('46 as-completed: gives functions in the order in which they end', () =>
    virtual(async () => {
      const { values } = await drain(asCompleted([job(0, 1.5), job(1, 1), job(2, 0.5)]));

      expect(values.map((outcome) => outcome.unwrap())).toEqual([2, 1, 0]);
    }));

  it('46 as-completed: gives tasks in the order in which they end', () =>
    virtual(async () => {
      const tasks = [1.5, 1, 0.5].map((units, i) => schedule(job(i, units)));

      const { values } = await drain(asCompleted(tasks));

      expect(values.map((outcome) => outcome.unwrap())).toEqual([2, 1, 0]);
    }));

  it('46 as-completed: an error comes at its turn and later results follow', () =>
    virtual(async (clock) => {
      const failure = new Error('job 1');
      const seen: [number, unknown][] = [];

      for await (const outcome of asCompleted([job(0, 1.5), job(1, 1, failure), job(2, 0.5)])) {
        seen.push([clock.now(), outcome.status === 'done' ? outcome.value : outcome.error]);
      }

      expect(seen).toEqual([
        [0.5 * u, 2],
        [u, failure],
        [1.5 * u, 0],
      ]);
    }));

  it('46 as-completed: the error is thrown where its outcome is unwrapped', () =>
    virtual(async () => {
      const failure = new Error('job 0');

      const { values, error } = await drain(asCompleted([job(0, 1, failure)]));

      expect(error).toBeUndefined();
      expect(values).toHaveLength(1);
      expect(() => values[0]?.unwrap()).toThrow(failure);
    }));

  it.each(['functions', 'tasks'])(
    '46 as-completed: the time-out ends it and stops the %s',
    (kind) =>
      virtual(async (clock) => {
        const log = new Log();
        const jobs = [0, 0.5, 1, 1.5].map((units, i) => log.job(i, units));
        const sources = kind === 'tasks' ? jobs.map((thunk) => schedule(thunk)) : jobs;

        const { values, error } = await drain(asCompleted(sources, { timeout: 0.7 * u }));

        expect(values.map((outcome) => outcome.unwrap())).toEqual([0, 1]);
        expect(error).toBeInstanceOf(TimedOut);
        expect(error).toMatchObject({ name: 'TimeoutError' });
        expect(clock.now()).toBe(0.7 * u);
        expect(log.entries.slice(-2)).toEqual(['x2', 'x3']);
        await sleep(10 * u);
        expect(log.count('e')).toBe(2);
      }),
  );
});
