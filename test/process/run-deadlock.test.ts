import { describe, expect, it } from 'vitest';
import { program } from './program.ts';

// In Bun 1.4 and Deno 2.9 a signal handler keeps the process alive, so it never finds out that nothing is left.
const isTold = !('Bun' in globalThis || 'Deno' in globalThis);

/** A queue whose `join` nobody can end. */
const JOIN = 'const q = new Queue(); await q.put(1);';

describe.runIf(isTold)('a program in which nothing can happen any more', () => {
  it.each([
    {
      where: 'in its tasks',
      code: `await run(async (s) => { s.spawn(() => sleepForever(), 'philosopher'); await sleepForever(); });`,
      tree: 'philosopher',
    },
    {
      where: 'in a clean-up',
      code: `${JOIN} await run((s) => { s.defer(() => q.join()); });`,
      tree: 'waits for join of queue',
    },
    {
      where: 'in a clean-up that waits for a promise of nobody',
      code: 'await run((s) => { s.defer(() => new Promise(() => {})); });',
      tree: 'cleanup',
    },
    {
      where: 'in shielded work',
      code: `${JOIN} await run(() => shield(() => q.join()));`,
      tree: 'waits for join of queue',
    },
    {
      where: 'in shielded work inside a clean-up',
      code: `${JOIN} await run((s) => { s.defer(() => shield(() => shield(() => q.join()))); });`,
      tree: 'waits for join of queue',
    },
    {
      where: 'in a promise of nobody',
      code: 'await run(() => new Promise(() => {}));',
      tree: 'main',
    },
    {
      where: 'in a scope inside with a longer grace',
      code: `await run(() => scope({ grace: '1h' }, async (s) => { s.spawn(() => new Promise(() => {}), 'deaf'); }));`,
      tree: 'deaf',
    },
    {
      where: 'in a finally block',
      code: `${JOIN} await run(async () => { try { await 1; } finally { await q.join(); } });`,
      tree: 'waits for join of queue',
    },
    {
      where: 'in what the cancellation has brought',
      code: `await run(async () => { try { await sleepForever(); } finally { await new Promise(() => {}); } });`,
      tree: 'waits for sleep for ever',
    },
    {
      where: 'in a shield that the cancellation has brought',
      code: `await run(async () => { try { await sleepForever(); } finally { await shield(() => sleepForever()); } });`,
      tree: 'waits for sleep for ever',
    },
    {
      where: 'in a flow',
      code: `await run(() => map([1, 2], () => new Promise(() => {})));`,
      tree: 'map',
    },
    {
      where: 'in copies of a body',
      code: 'await run(() => concurrently(2, {}, () => new Promise(() => {}))());',
      tree: 'main',
    },
    {
      where: 'in a program inside a program',
      code: 'await run(() => run(() => sleepForever()));',
      tree: 'waits for sleep for ever',
    },
    {
      where: 'although its grace is endless',
      code: 'await run(() => new Promise(() => {}), { grace: Infinity });',
      tree: 'main',
    },
    {
      where: 'although it listens to no signal',
      code: 'await run(() => sleepForever(), { signals: false });',
      tree: 'waits for sleep for ever',
    },
    {
      where: 'although its body returned a value after all',
      code: 'await run(async () => { await sleepForever().catch(() => undefined); return 42; });',
      tree: 'waits for sleep for ever',
    },
    {
      where: 'although its loop opens one shield after the other',
      code: `await run(async () => { for (;;) await shield(() => sleepForever()).catch(() => undefined); }, { grace: 100 });`,
      tree: 'waits for sleep for ever',
    },
  ])('$where: it ends with 70 and the task tree', async ({ code, tree }) => {
    const ended = await program(code);

    expect(ended.stderr).toContain('Deadlock: Cannot go on: every task waits');
    expect(ended.stderr).toContain(tree);
    expect(ended.stderr).not.toContain('unsettled');
    expect(ended.code).toBe(70);
    expect(ended.after).toBeLessThan(4000);
  });

  it('says where it was started, and shows the tree once', async () => {
    const { stderr } = await program('await run(function main() { return sleepForever(); });');

    expect(stderr.match(/─ main/g)?.length).toBe(1);
    expect(stderr).toMatch(/^ {4}at .*program-\d+\.mjs:3:7/m);
    expect(stderr).not.toContain('src/core');
  });

  it('runs its finally blocks and clean-ups first, ten times ten that wait as well', async () => {
    const { code, stdout } = await program(
      `${JOIN} await run(async (s) => {
        s.defer(() => console.log('last'));
        for (let i = 0; i < 100; i++) s.defer(() => q.join());
        s.defer(async () => { await sleep(20); console.log('slow'); });
        try { await shield(() => sleepForever()); } finally { console.log('finally'); }
      });`,
    );

    expect([code, stdout]).toEqual([70, 'finally\nslow\nlast\n']);
  });

  it('gives what is cleaned up its grace, and not more', async () => {
    const { code, stderr, after } = await program(
      `await run(async (s) => { s.defer(() => sleep('1h')); await sleepForever(); }, { grace: 100 });`,
    );

    expect(code).toBe(70);
    expect(stderr).toContain('[cause]: StuckTasks: Left work behind 100 ms');
    expect(after).toBeLessThan(4000);
  });

  it('has what failed besides as its cause', async () => {
    const { code, stdout } = await program(
      `${JOIN}
       const body = (s) => { s.defer(() => q.join()); throw new Error('boom'); };
       await run(body).catch(({ cause }) => console.log(cause.message));
       await run((s) => { s.defer(() => { throw new Error('too'); }); body(s); })
         .catch(({ cause }) => console.log(...cause.errors.map((error) => error.message)));`,
    );

    expect([code, stdout]).toEqual([0, 'boom\nboom too\n']);
  });
});

describe.runIf(isTold)('the exit code of a deadlock', () => {
  it.each([
    {
      who: 'is that of the program which catches it and goes on',
      code: `await run(() => sleepForever()).catch((error) => console.log(error.code, error.tree !== ''));
        await sleep(10);`,
      exit: 0,
    },
    {
      who: 'is that of the program which catches it and exits',
      code: 'await run(() => sleepForever()).catch((error) => { console.log(error.code, true); process.exit(1); });',
      exit: 1,
    },
    {
      who: 'is that of a later error',
      code: `await run(() => sleepForever()).catch((error) => console.log(error.code, true)); throw new Error('later');`,
      exit: 1,
    },
    {
      who: 'is that of whoever handles uncaught errors',
      code: `process.on('uncaughtException', (error) => { console.log(error.code, true); process.exit(1); });
        await run(() => sleepForever());`,
      exit: 1,
    },
    {
      who: 'is the one that was asked for in an exit handler',
      code: `process.on('exit', () => { console.log('ERR_DEADLOCK', true); process.exitCode = 3; });
        await run(() => sleepForever(), { exitCodes: false });`,
      exit: 3,
    },
  ])('$who', async ({ code, exit }) => {
    const ended = await program(code);

    expect([ended.code, ended.stdout]).toEqual([exit, 'ERR_DEADLOCK true\n']);
  });

  it('is 70 where nobody awaits the program', async () => {
    expect((await program('run(() => sleepForever());')).code).toBe(70);
  });

  it("is Node's where exit codes are not wanted", async () => {
    const { code, stderr } = await program(
      'await run(() => sleepForever(), { exitCodes: false });',
    );

    expect([code, stderr.includes('every task waits')]).toEqual([1, true]);
  });

  it('is that of a signal which comes before the end', async () => {
    const { code, stderr } = await program(
      `await run(async (s) => {
        s.defer(async () => { console.log('ready'); await sleep(100); });
        await sleepForever();
      });`,
      'SIGTERM',
    );

    expect([code, stderr.startsWith('Deadlock: Cannot go on')]).toEqual([143, true]);
  });
});
