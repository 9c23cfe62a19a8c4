import { TimedOut, WaitGroup } from 'skein';
import { virtual } from 'skein/testing';
import { describe, expect, it } from 'vitest';
import { CountedAbort, failure, inLine, stop } from './support.ts';

describe('WaitGroup', () => {
  it('holds back until as much is done as was added', () =>
    virtual(async () => {
      const group = new WaitGroup();
      await group.wait();
      group.add();
      group.add(2);
      const tasks = await inLine([() => group.wait(), () => group.wait()]);

      group.done();
      group.done();
      expect([group.count, tasks.map((task) => task.status)]).toEqual([1, ['running', 'running']]);
      group.done();

      for (const task of tasks) await task;
      expect(group.count).toBe(0);
    }));

  it('can be used again', () =>
    virtual(async () => {
      const group = new WaitGroup();
      for (let round = 0; round < 2; round++) {
        group.add();
        const [task] = await inLine([() => group.wait()]);
        expect(task?.status).toBe('running');
        group.done();
        await task;
      }
    }));

  it('refuses to be done more often than was added', () => {
    const group = new WaitGroup({ name: 'uploads' });
    group.add();
    group.done();

    expect(() => group.done()).toThrow(RangeError);
    expect(() => group.done()).toThrow('Cannot finish more work of wait group uploads');
    expect(group.count).toBe(0);
  });

  it('S7: a cancelled wait leaves; bounds end it', () =>
    virtual(async (clock) => {
      const group = new WaitGroup();
      const abort = new CountedAbort();
      group.add();
      const tasks = await inLine([() => group.wait(), () => group.wait({ signal: abort.signal })]);
      abort.abort();
      await stop(...tasks);

      expect(await failure(group.wait({ timeout: 5 }))).toBeInstanceOf(TimedOut);
      expect([abort.listeners, clock.timers, group.count]).toEqual([0, 0, 1]);
      group.done();
    }));
});
