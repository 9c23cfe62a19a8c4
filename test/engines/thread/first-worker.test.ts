import { type Engine, map, threads } from 'skein';
import { describe, expect, it } from 'vitest';
import type { PoolEngine } from '../../../src/engines/pool/pool-engine.ts';

function workersOf(engine: Engine): number {
  return (engine as PoolEngine).stats.workers;
}

describe('the first worker of a pool', () => {
  it('starts in the turn of the first call, while its function is read', async () => {
    const engine = threads({ size: 2 });
    const result = engine.submit((n: number) => Math.abs(n) + 1, [-1], {});

    expect(workersOf(engine)).toBe(1);
    expect(await result).toBe(2);
    expect(workersOf(engine)).toBe(1);
    await engine[Symbol.asyncDispose]();
  });

  it('holds up nobody when that function is refused', async () => {
    const engine = threads({ size: 2 });
    const secret = Math.random();
    const refused = engine.submit(() => secret, [], {});
    await expect(refused).rejects.toMatchObject({ code: 'ERR_NOT_SHIPPABLE' });

    expect(await engine.submit((n: number) => n + 1, [1], {})).toBe(2);
    await engine[Symbol.asyncDispose]();
    expect(workersOf(engine)).toBe(0);
  });

  it('ends with a pool that never had a call for it', async () => {
    const engine = threads({ size: 2 });
    const secret = Math.random();
    await engine.submit(() => secret, [], {}).catch(() => undefined);
    await engine[Symbol.asyncDispose]();

    expect(workersOf(engine)).toBe(0);
  });

  it('does not start for a flow without items', async () => {
    const engine = threads({ size: 2 });
    await map([], (n: number) => n + 1, { engine });

    expect(workersOf(engine)).toBe(0);
    await engine[Symbol.asyncDispose]();
  });
});
