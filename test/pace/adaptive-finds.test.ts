/**
 * What adaptive limits promise, shown by simulation; see adaptive-simulation.ts for the model.
 *
 * @module
 */
import { describe, expect, it } from 'vitest';
import {
  mean,
  type Service,
  type Simulation,
  simulate,
  steady,
  throughput,
  varied,
} from './adaptive-simulation.ts';

const KNEE = 100;

interface Case {
  readonly name: string;
  readonly algorithm: 'gradient' | 'aimd';
  readonly service: () => Service;
  /** Longest queue of the server. AIMD sees nothing but its refusals. */
  readonly queue?: number;
  /** How far from half the shares of two clients may be: where latencies vary, as far as in the worst of 30 runs. */
  readonly fair: number;
}

const cases: readonly Case[] = [
  { name: 'gradient, steady', algorithm: 'gradient', service: () => steady, fair: 0.05 },
  { name: 'gradient, varied', algorithm: 'gradient', service: () => varied(1), fair: 0.3 },
  { name: 'gradient, varied (2)', algorithm: 'gradient', service: () => varied(2), fair: 0.3 },
  { name: 'aimd, steady', algorithm: 'aimd', service: () => steady, queue: 10, fair: 0.05 },
  { name: 'aimd, varied', algorithm: 'aimd', service: () => varied(1), queue: 10, fair: 0.1 },
];

const within = (value: number, wanted: number, part: number): void => {
  expect(value).toBeGreaterThanOrEqual(wanted * (1 - part));
  expect(value).toBeLessThanOrEqual(wanted * (1 + part));
};

describe.each(cases)('$name', ({ algorithm, service, queue, fair }) => {
  const run = (rest: Omit<Simulation, 'servers' | 'service'>) =>
    simulate({
      servers: KNEE,
      service: service(),
      ...(queue === undefined ? {} : { queue }),
      ...rest,
    });
  const client = { algorithm, max: 2000 };

  it.each([
    ['ten times too low', 10],
    ['ten times too high', 1000],
  ])('finds the knee within 10 %% from a start %s', async (_start, initial) => {
    const moments = await run({ clients: [{ ...client, initial }], seconds: 30 });

    within(
      mean(moments, 15, 30, ({ limits }) => limits[0] as number),
      KNEE,
      0.1,
    );
    expect(throughput(moments, 15, 30)).toBeGreaterThan(0.9 * KNEE * 10);
  });

  it('gives way to a second client: each gets about half', async () => {
    const clients = [client, { ...client, from: 15 }];
    const moments = await run({ clients, seconds: 70 });

    for (const index of [0, 1]) within(throughput(moments, 40, 70, index), KNEE * 5, fair);
  });

  it('follows a server that gets twice the capacity, and then a quarter of that', async () => {
    const moments = await run({ clients: [client], steps: { 15: 200, 35: 50 }, seconds: 50 });

    const limit = (from: number, to: number): number =>
      mean(moments, from, to, ({ limits }) => limits[0] as number);
    // One more a round is slow: AIMD needs ten seconds for what the gradient does in two.
    within(limit(algorithm === 'aimd' ? 28 : 20, 35), 200, 0.1);
    // What AIMD looks for is where the server refuses: past a queue of ten.
    within(limit(40, 50), algorithm === 'aimd' ? 58 : 50, 0.1);
  });
});

describe('gradient', () => {
  it.each([20, 40, 400])('finds a knee at %i', async (servers) => {
    const moments = await simulate({ servers, clients: [{ max: 2000 }], seconds: 20 });
    const limit = mean(moments, 10, 20, ({ limits }) => limits[0] as number);

    // The wanted queue is one or more whatever the limit: a greater part of a small one.
    within(limit, servers, servers < 40 ? 0.15 : 0.1);
  });

  it('follows when the server itself gets slower: the knee is where it was', async () => {
    let factor = 1;
    const moments = await simulate({
      servers: KNEE,
      service: () => 100 * factor,
      clients: [{ max: 2000 }],
      seconds: 60,
      onMoment: ({ seconds }) => {
        factor = seconds < 15 ? 1 : 3;
      },
    });

    within(
      mean(moments, 40, 60, ({ limits }) => limits[0] as number),
      KNEE,
      0.1,
    );
  });

  it('stays between min and max', async () => {
    const clients = [{ min: 30, max: 60 }];
    const many = await simulate({ servers: KNEE, clients, seconds: 10 });
    const few = await simulate({ servers: 5, clients, seconds: 10 });

    expect(Math.max(...many.map(({ limits }) => limits[0] as number))).toBe(60);
    expect(Math.min(...few.slice(1).map(({ limits }) => limits[0] as number))).toBe(30);
    // It has never seen the server without its own queue of 25, and takes that for the best there is.
    expect(few.at(-1)?.limits[0]).toBeLessThan(36);
  });
});
