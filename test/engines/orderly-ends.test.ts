/**
 * Workers that end because they are not needed any more: what bodies have registered for the end of their process runs, as long as the
 * grace of the pool allows.
 *
 * @module
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import * as bodies from './fixtures/late.ts';
import { POOLS, withPool } from './pools.ts';

const run = promisify(execFile);
const entry = new URL('../../src/index.ts', import.meta.url).href;
const fixture = new URL('fixtures/late.ts', import.meta.url).href;

describe.each(POOLS)('a worker of $name that ends in order', (pool) => {
  it('lets exit handlers run when its engine is disposed of', () =>
    withPool(pool, { size: 2 }, async (engine, journal) => {
      await Promise.all(
        ['a', 'b'].map((name) => engine.submit(bodies.notesExit, [journal.place, name], {})),
      );

      await engine[Symbol.asyncDispose]();

      expect(journal.names('exit').sort()).toEqual(['a', 'b']);
    }));

  it('does so when it has had nothing to do for long', () =>
    withPool(pool, { size: 1, idle: 1 }, async (engine, journal) => {
      await engine.submit(bodies.notesExit, [journal.place, 'idle'], {});

      await journal.seen('exit');
    }));

  it('does so when it has had as many calls as it may', () =>
    withPool(pool, { size: 1, maxTasks: 1 }, async (engine, journal) => {
      for (const name of ['a', 'b'])
        await engine.submit(bodies.notesExit, [journal.place, name], {});

      await journal.seen('exit', 2);
    }));

  it('does so when it is replaced because of what failed there late', () =>
    withPool(pool, { size: 1 }, async (engine, journal) => {
      await engine.submit(bodies.notesExit, [journal.place, 'a'], {});
      await engine.submit(bodies.careless, ['timer'], {});

      await journal.seen('exit');
    }));

  it('waits for what a listener for beforeExit begins, which hears that once', () =>
    withPool(pool, { size: 1 }, async (engine, journal) => {
      await engine.submit(bodies.cleansUp, [journal.place, 'a'], {});

      await engine[Symbol.asyncDispose]();

      expect(journal.entries().map(({ what }) => what)).toEqual(['begun', 'cleaned']);
    }));

  it('does not wait for a timer that a body has left', () =>
    withPool(pool, { size: 1 }, async (engine, journal) => {
      await engine.submit(bodies.leavesTimer, [], {});
      await engine.submit(bodies.notesExit, [journal.place, 'a'], {});

      await engine[Symbol.asyncDispose]();

      expect(journal.names('exit')).toEqual(['a']);
    }));

  it('is ended after its grace, whatever it does at its end', () =>
    withPool(pool, { size: 2, grace: '1ms' }, async (engine, journal) => {
      await engine.submit(bodies.spinsAtExit, [journal.place], {});

      await engine[Symbol.asyncDispose]();

      expect(journal.names('exit')).toEqual(['spins']);
    }));

  it('is ended after its grace where a clean-up and a timer hold it', () =>
    withPool(pool, { size: 1, grace: '1ms' }, async (engine, journal) => {
      await engine.submit(bodies.leavesTimer, [], {});
      await engine.submit(bodies.cleansUp, [journal.place, 'a'], {});

      await engine[Symbol.asyncDispose]();

      expect(journal.names('cleaned')).toEqual(['a']);
    }));

  it('brings out all that exit handlers print', async () => {
    const program = `import { ${pool.name} } from ${JSON.stringify(entry)};
      import { printsAtExit } from ${JSON.stringify(fixture)};
      const engine = ${pool.name}({ size: 1 });
      await engine.submit(printsAtExit, [], {});
      await engine[Symbol.asyncDispose]();
      console.log('disposed');`;

    const { stdout, stderr } = await run(process.execPath, [
      '--conditions=@skein/source',
      '--input-type=module',
      '-e',
      program,
    ]);

    const lines = stdout.trimEnd().split('\n');
    expect(lines.map((line) => line.replace(/\.+$/, ''))).toEqual([
      ...Array.from({ length: 50 }, (_, line) => String(line)),
      'disposed',
    ]);
    expect(lines[7]).toHaveLength(2001);
    expect(stderr).toContain('and an error');
  });
});

it.each(POOLS)(
  'a program with $name that ends at once hears what failed before',
  async ({ name }) => {
    const program = `import { ${name} } from ${JSON.stringify(entry)};
    import { careless } from ${JSON.stringify(fixture)};
    await ${name}().submit(careless, ['rejection'], {});`;

    const { stderr } = await run(process.execPath, [
      '--conditions=@skein/source',
      '--input-type=module',
      '-e',
      program,
    ]);

    expect(stderr).toContain('[SKEIN_LATE_ERROR] SkeinWarning: Error in a worker of');
    expect(stderr).toContain('after a call of "careless" had ended: late\nRangeError: late\n');
  },
);
