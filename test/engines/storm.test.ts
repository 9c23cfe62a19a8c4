/**
 * Storms: thousands of calls of all kinds at random, some cancelled at a random moment, some that kill their worker. Whatever happens,
 * each call has the one end that its kind allows, nothing runs twice, and nobody dies for another.
 *
 * @module
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Engine } from 'skein';
import { describe, expect, it, onTestFinished } from 'vitest';
import * as bodies from './fixtures/storm.ts';
import { POOLS, type Pool } from './pools.ts';

type Kind = 'value' | 'object' | 'failure' | 'death' | 'time-out';

interface Planned {
  readonly kind: Kind;
  readonly isCancelled: boolean;
  readonly result: Promise<unknown>;
}

/** Pseudo-random numbers: the seed of a test that fails is in its name. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function plan(engine: Engine, i: number, random: (below: number) => number): Planned {
  const ms = random(3);
  let call: { signal?: AbortSignal; grace: number; timeout?: number; exclusive?: boolean } = {
    grace: 100,
    exclusive: random(100) === 0,
  };
  const isCancelled = random(8) === 0;
  if (isCancelled) {
    const controller = new AbortController();
    call = { ...call, signal: controller.signal };
    if (random(3) === 0) setImmediate(() => controller.abort(i));
    else setTimeout(() => controller.abort(i), random(300));
  }
  const die = random(60);
  if (die === 0)
    return { kind: 'death', isCancelled, result: engine.submit(bodies.die, [i], call) };
  if (die === 1) {
    return { kind: 'death', isCancelled, result: engine.submit(bodies.dieLater, [i, ms], call) };
  }
  if (die === 2 && random(4) === 0) {
    // Long enough for a child that is kept from its core to note the start of the body, from which the time counts.
    const limited = { ...call, timeout: 400, grace: 20 };
    return { kind: 'time-out', isCancelled, result: engine.submit(bodies.spin, [i], limited) };
  }
  switch (random(6)) {
    case 0:
      return { kind: 'failure', isCancelled, result: engine.submit(bodies.fail, [i], call) };
    case 1:
      return {
        kind: 'failure',
        isCancelled,
        result: engine.submit(bodies.failLater, [i, ms], call),
      };
    case 2: {
      const payload = [undefined, 'text', { deep: [i] }, new Uint8Array(i % 5000)][random(4)];
      return {
        kind: 'object',
        isCancelled,
        result: engine.submit(bodies.object, [i, ms, payload], call),
      };
    }
    case 3:
      return { kind: 'value', isCancelled, result: engine.submit(bodies.busy, [i, ms], call) };
    default:
      return { kind: 'value', isCancelled, result: engine.submit(bodies.value, [i], call) };
  }
}

/** What is wrong about the end of a call; undefined when nothing is. */
function fault(
  { kind, isCancelled: asked }: Planned,
  outcome: PromiseSettledResult<unknown>,
  i: number,
  starts: number,
  pool: Pool,
): string | undefined {
  if (starts > 1) return `ran ${starts} times`;
  if (outcome.status === 'fulfilled') {
    if (starts === 0) return 'gave a value without running';
    const number = kind === 'object' ? (outcome.value as { i: number }).i : outcome.value;
    return (kind === 'value' || kind === 'object') && number === i
      ? undefined
      : `gave ${JSON.stringify(outcome.value)}`;
  }
  const error = outcome.reason as Error & { code?: string; state?: string };
  // The reason of its signal.
  if (outcome.reason === i) return asked ? undefined : 'was cancelled by nobody';
  // Where no memory is shared, what a dead child had been given may be lost with it; then it says so.
  if (pool.name === 'processes' && error.code === 'ERR_WORKER_DIED' && error.state === 'unknown') {
    return undefined;
  }
  if (starts === 0) return `failed without running: ${error.message}`;
  if (kind === 'failure' && error.message === `failure ${i}`) return undefined;
  if (kind === 'death' && error.code === 'ERR_WORKER_DIED') return undefined;
  if (kind === 'time-out' && error.code === 'ERR_TIMED_OUT') return undefined;
  return `threw ${error.name}: ${error.message}`;
}

/**
 * Calls of which nobody can tell whether they have run, at most, for each child that is killed. A child that exits by itself tells exactly, and so
 * does one that is killed in a call that is noted alone: one that is late, or has a time limit, or whose function was at work when a child
 * died before. What is left are the tiny calls of one stride, which are noted together because they take 0.05 ms in all; here each of them
 * writes to a file, which takes 2 us at least.
 */
const UNKNOWN_A_KILL = 25;

/** What came of a storm. */
interface Storm {
  readonly faults: readonly string[];
  /** Calls of which nobody can tell whether they have run. */
  readonly unknown: number;
  /** Children that were killed, at most: because of a body that does not end by itself. */
  readonly kills: number;
}

async function storm(pool: Pool, seed: number, calls: number): Promise<Storm> {
  const folder = mkdtempSync(join(tmpdir(), 'skein-storm-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'starts');
  writeFileSync(file, '');
  const random = generator(seed);
  const planned: Planned[] = [];
  const engine = pool.make({ size: 3, init: file });
  while (planned.length < calls) {
    const burst = Math.min(1 + random(200), calls - planned.length);
    for (let k = 0; k < burst; k++) {
      const next = plan(engine, planned.length, random);
      // Settled early is no unhandled rejection.
      next.result.catch(() => undefined);
      planned.push(next);
    }
    await new Promise((resolve) => setTimeout(resolve, random(20)));
  }
  const outcomes = await Promise.allSettled(planned.map(({ result }) => result));
  await engine[Symbol.asyncDispose]();
  const starts = new Array<number>(calls).fill(0);
  const bytes = readFileSync(file);
  for (let at = 0; at < bytes.length; at += 4) {
    const i = bytes.readUInt32LE(at);
    starts[i] = (starts[i] ?? 0) + 1;
  }
  const isUnknown = (outcome: PromiseSettledResult<unknown>): boolean =>
    outcome.status === 'rejected' && (outcome.reason as { state?: string }).state === 'unknown';
  const faults = planned.flatMap((call, i) => {
    const wrong = fault(
      call,
      outcomes[i] as PromiseSettledResult<unknown>,
      i,
      starts[i] ?? 0,
      pool,
    );
    return wrong === undefined ? [] : [`call ${i} (${call.kind}) ${wrong}`];
  });
  const unknown = outcomes.filter(isUnknown).length;
  return { faults, unknown, kills: planned.filter(({ kind }) => kind === 'time-out').length };
}

describe.each(POOLS)('a storm of calls on $name', (pool) => {
  it.each([1, 2, 3])(
    'seed %i: each has the end that its kind allows',
    async (seed) => {
      const { faults, unknown, kills } = await storm(pool, seed, 250);
      expect(faults).toEqual([]);
      expect(unknown).toBeLessThanOrEqual(pool.name === 'threads' ? 0 : kills * UNKNOWN_A_KILL);
    },
    120_000,
  );
});
