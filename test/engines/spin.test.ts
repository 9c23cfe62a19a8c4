/**
 * Looking before sleeping: it finds what is there, and costs little where nothing ever comes in time.
 *
 * @module
 */
import { describe, expect, it, vi } from 'vitest';
import { Spin } from '../../src/engines/thread/spin.ts';

/** Looks at memory, counted from before `Atomics` is captured. */
const counted = vi.hoisted(() => {
  const { load } = Atomics;
  const count = { looks: 0 };
  Atomics.load = ((...given: Parameters<typeof load>) => {
    count.looks++;
    return load(...given);
  }) as typeof load;
  return count;
});

/** How many of so many sleeps begin with a look, when nothing comes. */
function looksOf(spin: Spin, sleeps: number): number {
  const words = new Int32Array(new SharedArrayBuffer(4));
  let looks = 0;
  for (let i = 0; i < sleeps; i++) {
    counted.looks = 0;
    expect(spin.sees(words, 0, 0)).toBe(false);
    if (counted.looks > 0) looks++;
  }
  return looks;
}

/** Has it see something so many times; gives how many sleeps that took. */
function seeTimes(spin: Spin, times: number): number {
  const words = new Int32Array(new SharedArrayBuffer(4)).fill(1);
  let sleeps = 0;
  for (let seen = 0; seen < times; sleeps++) if (spin.sees(words, 0, 0)) seen++;
  return sleeps;
}

describe('a thread that looks before it sleeps', () => {
  it('sees what has changed', () => {
    expect(seeTimes(new Spin(), 100)).toBe(100);
  });

  it('looks less and less often while it is in vain', () => {
    const spin = new Spin();

    expect(looksOf(spin, 2048)).toBeLessThan(16);
    expect(looksOf(spin, 10 * 513)).toBeLessThanOrEqual(10);
  });

  it('finds out that it is no longer in vain, and looks each time again', () => {
    const spin = new Spin();
    looksOf(spin, 10_000);

    expect(seeTimes(spin, 20)).toBeLessThan(600);

    expect(looksOf(spin, 1)).toBe(1);
    // One that was in vain costs one look, not hundreds.
    expect(looksOf(spin, 2)).toBe(1);
  });
});
