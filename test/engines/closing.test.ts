/**
 * The end of a pool some of whose workers are not there: nobody has to wait for what never comes.
 *
 * @module
 */
import { type Call, type Engine, isCancelled, threads } from 'skein';
import { afterEach, describe, expect, it } from 'vitest';
import { Journal } from '../../src/testing/engine/journal.ts';
import * as bodies from './fixtures/deaths.ts';
import { worker } from './fixtures/pool-bodies.ts';
import { isAlive, POOLS, type Pool, thrown } from './pools.ts';

const entry = new URL('./fixtures/never-ready.ts', import.meta.url);

afterEach(() => {
  delete process.env.SKEIN_LOADS;
});

/** A pool whose first worker is at its entry, which never ends; and a call that waits for it. */
async function stuckPool(
  pool: Pool,
  journal: Journal,
  call: Call,
): Promise<{ engine: Engine; waiting: Promise<Error> }> {
  process.env.SKEIN_LOADS = `${journal.place}/journal`;
  const engine = pool.make({ size: 1, entry });
  const waiting = thrown(engine.submit(bodies.add, [1, 2], call));
  await journal.seen('pid');
  return { engine, waiting };
}

describe.each(POOLS)('the disposal of $name whose worker never gets ready', (pool) => {
  it('ends it when no call waits for it any more', async () => {
    using journal = Journal.open();
    const stop = new AbortController();
    const { engine, waiting } = await stuckPool(pool, journal, { signal: stop.signal });
    stop.abort();
    expect(isCancelled(await waiting)).toBe(true);

    await engine[Symbol.asyncDispose]();

    const pid = Number(journal.names('pid')[0]);
    if (pid !== process.pid) expect(isAlive(pid)).toBe(false);
  });

  it('waits for the calls, as ever; they may be cancelled in the meantime', async () => {
    using journal = Journal.open();
    const stop = new AbortController();
    const { engine, waiting } = await stuckPool(pool, journal, { signal: stop.signal });
    const closed = engine[Symbol.asyncDispose]();
    let isClosed = false;
    void closed.then(() => {
      isClosed = true;
    });
    // Longer than what an end may take.
    const until = Date.now() + 800;
    await journal.until('a pause', () => Date.now() > until);
    expect(isClosed).toBe(false);

    stop.abort();
    expect(isCancelled(await waiting)).toBe(true);
    await closed;
  });
});

describe.each(POOLS)('the disposal of $name in the turn of a call', (pool) => {
  it('has the call run by a worker that is there', async () => {
    const engine = pool.make({ size: 1 });
    const before = await engine.submit(worker, [], {});
    const last = engine.submit(worker, [], {});

    await engine[Symbol.asyncDispose]();

    expect(await last).toBe(before);
  });
});

it('the disposal of processes ends a child that was stopped before it was ready', async () => {
  using journal = Journal.open();
  const [, processes] = POOLS as [Pool, Pool];
  const stop = new AbortController();
  const { engine, waiting } = await stuckPool(processes, journal, { signal: stop.signal });
  const pid = Number(journal.names('pid')[0]);
  process.kill(pid, 'SIGSTOP');
  stop.abort();
  await waiting;

  await engine[Symbol.asyncDispose]();

  expect(isAlive(pid)).toBe(false);
});

it('the disposal of threads ends when none can be started for the calls that wait', async () => {
  // Not one of the forms that a thread can be started with: that is found out at once.
  const engine = threads({ entry: 'no-such-form.ts' });
  const waiting = thrown(engine.submit(bodies.add, [1, 2], {}));

  await engine[Symbol.asyncDispose]();

  expect(await waiting).toMatchObject({ code: 'ERR_WORKER_DIED' });
});
