/**
 * Measures a limit on starts in real time, where it counts: at the functions that are called.
 *
 * @module
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Accuracy, Paced, Throttle } from './case.ts';

/** The limit that was asked for. */
interface Rate {
  readonly maxCalls: number;
  readonly period: number;
  readonly busy: boolean;
}

/** What the timers of the host can tell apart. */
const TIMER_RESOLUTION = 2;

/** So many calls at once, again and again, each time with a new limit. */
export async function accuracyOf(
  paced: Paced,
  rate: Rate,
  { items, repeat }: { readonly items: number; readonly repeat: number },
): Promise<Accuracy> {
  const runs: { readonly most: number; readonly total: number; readonly ideal: number }[] = [];
  for (let run = 0; run < repeat; run++) {
    const load = new Load(run);
    if (rate.busy) load.begin();
    runs.push(await flood(paced.fresh(), rate, items, load));
    load.end();
    await delay(20);
  }
  const totals = runs.map(({ total }) => total).toSorted((a, b) => a - b);
  return {
    runs: repeat,
    runsOver: runs.filter(({ most }) => most > rate.maxCalls).length,
    most: Math.max(...runs.map(({ most }) => most)),
    totalMs: totals[repeat >> 1] ?? Number.NaN,
    worstTotal: Math.max(...runs.map(({ total, ideal }) => total / ideal)),
  };
}

async function flood(
  throttle: Throttle,
  { maxCalls, period }: Rate,
  items: number,
  load: Load,
): Promise<{ most: number; total: number; ideal: number }> {
  const starts: number[] = [];
  const note = async (): Promise<void> => {
    starts.push(performance.now());
  };
  const begin = performance.now();
  await Promise.all(Array.from({ length: items }, () => throttle(note)));
  if (starts.length !== items) throw new Error(`${starts.length} of ${items} were called`);
  starts.sort((a, b) => a - b);
  const least = Math.max(1, Math.ceil(items / maxCalls) - 1) * period;
  return {
    most: mostIn(period, starts),
    total: (starts.at(-1) ?? Number.NaN) - begin,
    ideal: load.freeFrom(begin + least) - begin,
  };
}

/** Most starts in any half-open window. */
function mostIn(period: number, starts: readonly number[]): number {
  let [most, from] = [0, 0];
  for (const [i, start] of starts.entries()) {
    while (start - (starts[from] ?? start) >= period) from++;
    most = Math.max(most, i - from + 1);
  }
  return most;
}

/** Blocks the thread for 20 to 50 ms now and then, the same way in each contender. */
class Load {
  readonly #blocks: (readonly [from: number, to: number])[] = [];
  #timer: NodeJS.Timeout | undefined;
  #seed: number;

  constructor(seed: number) {
    this.#seed = seed + 1;
  }

  begin(): void {
    this.#timer = setTimeout(() => this.#block(), this.#draw(10, 100));
  }

  end(): void {
    clearTimeout(this.#timer);
  }

  #block(): void {
    const from = performance.now();
    const to = from + this.#draw(20, 50);
    while (performance.now() < to);
    this.#blocks.push([from, to]);
    this.begin();
  }

  #draw(least: number, most: number): number {
    this.#seed = (this.#seed * 48_271) % 2_147_483_647;
    return least + (this.#seed / 2_147_483_647) * (most - least);
  }

  /** The first moment from `at` on at which a timer could have been served. */
  freeFrom(at: number): number {
    let free = at;
    for (const [from, to] of this.#blocks) {
      if (from <= free + TIMER_RESOLUTION && free < to) free = to;
    }
    return free;
  }
}
