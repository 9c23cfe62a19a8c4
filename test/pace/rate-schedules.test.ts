import fc from 'fast-check';
import { RateLimiter } from 'skein';
import { describe, expect, it } from 'vitest';
import { type Limits, RateModel, type Step, worst } from './rate-model.ts';
import { inTrueTime, type TrueTime } from './true-time.ts';

/** The same runs each time. */
const runs = { seed: 20_261_121, numRuns: 10_000 };

const ms = fc.integer({ min: 0, max: 40 });
const limits: fc.Arbitrary<Limits> = fc.record({
  maxCalls: fc.oneof(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 7, max: 20 })),
  period: fc.integer({ min: 1, max: 30 }),
  minInterval: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 12 })),
});

function schedule(...more: ('pause' | 'set back')[]): fc.Arbitrary<Step[]> {
  const steps: fc.Arbitrary<Step> = fc.oneof(
    { weight: 6, arbitrary: fc.constant({ do: 'call' } as const) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('cancel' as const), which: fc.nat(30) }) },
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constantFrom('advance' as const, 'leap' as const, ...more),
        ms,
      }),
    },
  );
  return fc.array(steps, { maxLength: 60, size: 'max' });
}

/** One limiter under a schedule: when each call was started, in true time. */
class Trial {
  readonly starts = new Map<number, number>();
  readonly outcomes: Promise<unknown>[] = [];
  readonly #limiter: RateLimiter;
  readonly #time: TrueTime;
  readonly #aborts: AbortController[] = [];

  constructor(limits: Limits, time: TrueTime) {
    this.#limiter = new RateLimiter(limits);
    this.#time = time;
  }

  call(id: number): void {
    const abort = new AbortController();
    this.#aborts[id] = abort;
    const start = (): unknown => this.starts.set(id, this.#time.true);
    // The limiter must not take a slot for one that it never asked about.
    const bounds = { signal: abort.signal };
    this.outcomes.push(this.#limiter.run(start, bounds).catch((error: unknown) => error));
  }

  cancel(id: number | undefined): void {
    if (id !== undefined) this.#aborts[id]?.abort();
  }

  pause(ms: number): void {
    this.#limiter.pauseFor(ms);
  }

  get waiting(): number {
    return this.#limiter.waiting;
  }
}

async function tried(
  given: Limits,
  steps: readonly Step[],
): Promise<{ trial: Trial; model: RateModel }> {
  return inTrueTime(async (time) => {
    const [trial, model] = [new Trial(given, time), new RateModel(given)];
    let calls = 0;
    for (const step of steps) {
      if (step.do === 'call') {
        trial.call(calls);
        model.call(calls++);
      } else if (step.do === 'cancel') {
        trial.cancel(model.cancel(step.which));
      } else if (step.do === 'set back') {
        time.setBack(step.ms);
      } else {
        if (step.do === 'pause') trial.pause(step.ms);
        else time[step.do](step.ms);
        model[step.do](step.ms);
      }
    }
    time.finish();
    model.advance(1e9);
    await Promise.all(trial.outcomes);
    expect(trial.waiting).toBe(0);
    expect(time.timers).toBe(0);
    return { trial, model };
  });
}

describe('a rate limiter under random schedules of calls, cancellations and jumps of the clock', () => {
  it('starts each call at the ideal moment, never too many in a window, never too close', async () => {
    await fc.assert(
      fc.asyncProperty(limits, schedule('pause'), async (given, steps) => {
        const { trial, model } = await tried(given, steps);

        expect([...trial.starts]).toEqual([...model.starts]);
        const { most, gap } = worst([...trial.starts.values()], given.period);
        expect(most).toBeLessThanOrEqual(given.maxCalls);
        expect(gap).toBeGreaterThanOrEqual(given.minInterval);
      }),
      runs,
    );
  }, 60_000);

  it('lets no burst through when the clock is set back, and starts every call', async () => {
    await fc.assert(
      fc.asyncProperty(limits, schedule('set back'), async (given, steps) => {
        const { trial } = await tried(given, steps);

        const { most, gap } = worst([...trial.starts.values()], given.period);
        expect(most).toBeLessThanOrEqual(given.maxCalls);
        expect(gap).toBeGreaterThanOrEqual(given.minInterval);
      }),
      runs,
    );
  }, 60_000);
});
