/**
 * Puts the timers and clocks of the host on the virtual clock, for code under test that uses them directly.
 *
 * @module
 */
import type { Timer } from '../core/clock.ts';
import { kernel, now } from '../core/kernel.ts';

type Callback = (...args: unknown[]) => void;

/** What stands for a timer of the host. It converts to a number, as those of Node do. */
class FakeTimer {
  readonly #id: number;
  timer: Timer | undefined;

  constructor(id: number) {
    this.#id = id;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  hasRef(): boolean {
    return this.timer !== undefined;
  }

  [Symbol.toPrimitive](): number {
    return this.#id;
  }

  [Symbol.dispose](): void {
    this.timer?.stop();
  }
}

/** Replaces the globals; the function that it gives puts them back. */
export function replaceGlobals(): () => void {
  const epoch = Date.now();
  const timers = new Map<number, FakeTimer>();
  let lastId = 0;

  const start = (fn: Callback, ms: number, args: unknown[], repeats: boolean): FakeTimer => {
    const fake = new FakeTimer(++lastId);
    const wait = Math.max(1, Number(ms) || 0);
    const arm = (at: number): void => {
      fake.timer = kernel.clock.at(at, () => {
        if (repeats) arm(at + wait);
        else timers.delete(+fake);
        fn(...args);
      });
    };
    arm(now() + wait);
    timers.set(+fake, fake);
    return fake;
  };
  const stop = (fake: unknown): void => {
    if (fake === undefined || fake === null) return;
    const timer =
      typeof fake === 'object' && !(fake instanceof FakeTimer)
        ? undefined
        : timers.get(Number(fake));
    if (timer === undefined) saved.clearTimeout(fake as number);
    timer?.timer?.stop();
    timers.delete(Number(fake));
  };

  const { performance } = globalThis;
  const saved = {
    setTimeout: globalThis.setTimeout,
    setInterval: globalThis.setInterval,
    clearTimeout: globalThis.clearTimeout,
    clearInterval: globalThis.clearInterval,
  };
  const savedDate = Date.now;
  const savedPerformance = performance.now;
  Object.assign(globalThis, {
    setTimeout: (fn: Callback, ms: number, ...args: unknown[]) => start(fn, ms, args, false),
    setInterval: (fn: Callback, ms: number, ...args: unknown[]) => start(fn, ms, args, true),
    clearTimeout: stop,
    clearInterval: stop,
  });
  Date.now = () => epoch + now();
  performance.now = now;
  return () => {
    for (const timer of timers.values()) timer.timer?.stop();
    Object.assign(globalThis, saved);
    Date.now = savedDate;
    performance.now = savedPerformance;
  };
}
