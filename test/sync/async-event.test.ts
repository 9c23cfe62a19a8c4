import { AsyncEvent, select, TimedOut } from 'skein';
import { virtual } from 'skein/testing';
import { describe, expect, it } from 'vitest';
import { CountedAbort, failure, inLine, stop } from './support.ts';

describe('AsyncEvent', () => {
  it('holds everybody back until it is set, and nobody after', () =>
    virtual(async () => {
      const event = new AsyncEvent();
      const tasks = await inLine([() => event.wait(), () => event.wait()]);
      expect([event.waiting, event.isSet]).toEqual([2, false]);

      event.set();

      expect([event.waiting, event.isSet]).toEqual([0, true]);
      for (const task of tasks) await task;
      await event.wait();
      event.set();
    }));

  it('those who were let through go on after a reset; those who come later wait', () =>
    virtual(async () => {
      const event = new AsyncEvent();
      const [first] = await inLine([() => event.wait()]);

      event.set();
      event.reset();

      await first;
      const [second] = await inLine([() => event.wait()]);
      expect(second?.status).toBe('running');
      event.set();
      await second;
    }));

  it('S7: a cancelled wait leaves; bounds end it', () =>
    virtual(async (clock) => {
      const event = new AsyncEvent();
      const abort = new CountedAbort();
      const tasks = await inLine([() => event.wait(), () => event.wait({ signal: abort.signal })]);
      abort.abort();
      await stop(...tasks);

      expect(event.waiting).toBe(0);
      expect(await failure(event.wait({ timeout: 5 }))).toBeInstanceOf(TimedOut);
      expect([event.waiting, abort.listeners, clock.timers]).toEqual([0, 0, 0]);
    }));

  it('is a case of a select, set already or later, and twice', () =>
    virtual(async () => {
      const event = new AsyncEvent();
      const other = new AsyncEvent();
      const tasks = await inLine<object>([
        () => select({ a: event.fired, b: other.fired }),
        () => select({ a: event.fired, again: event.fired }),
      ]);

      event.set();

      for (const task of tasks) expect(await task).toEqual({ key: 'a', value: undefined });
      expect([event.waiting, other.waiting]).toEqual([0, 0]);
      expect((await select({ a: event.fired })).key).toBe('a');
    }));

  it('has a name in errors', () =>
    virtual(async () => {
      const event = new AsyncEvent({ name: 'ready' });

      expect(String(await failure(event.wait({ timeout: 0 })))).toContain(
        'waiting for event ready',
      );
    }));
});
