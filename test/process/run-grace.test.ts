import { describe, expect, it } from 'vitest';
import { program } from './program.ts';

/** A queue whose `join` nobody can end. */
const JOIN = 'const q = new Queue(); await q.put(1);';

/** Something else that could still happen. */
const ALIVE = 'setInterval(() => {}, 1000);';

describe('after a signal, grace bounds', () => {
  it.each([
    {
      what: 'a clean-up that waits for a queue',
      code: `${JOIN} await run(async (s) => { s.defer(() => q.join()); console.log('ready'); await sleep('1h'); }, { grace: 200 });`,
      left: /cleanup \(\d+ ms old, in join of queue\)$/,
    },
    {
      what: 'a clean-up that waits for a promise of nobody',
      code: `await run(async (s) => { s.defer(() => new Promise(() => {})); console.log('ready'); await sleep('1h'); }, { grace: 200 });`,
      left: /cleanup \(\d+ ms old, in no library wait\)$/,
    },
    {
      what: 'a clean-up with a name',
      code: `await run(async (s) => { s.defer(function closeDatabase() { return new Promise(() => {}); }); console.log('ready'); await sleep('1h'); }, { grace: 200 });`,
      left: /cleanup closeDatabase \(\d+ ms old, in no library wait\)$/,
    },
    {
      what: 'a resource',
      code: `class Database { [Symbol.asyncDispose]() { return new Promise(() => {}); } }
        await run(async (s) => { s.use(new Database()); console.log('ready'); await sleep('1h'); }, { grace: 200 });`,
      left: /cleanup Database \(\d+ ms old, in no library wait\)$/,
    },
    {
      what: 'a clean-up that takes longer',
      code: `await run(async (s) => { s.defer(async () => { for (;;) await sleep(50); }); console.log('ready'); await sleep('1h'); }, { grace: 200 });`,
      left: /cleanup \(\d+ ms old, in sleep 50 ms\)$/,
    },
    {
      what: 'a clean-up with a longer time of its own',
      code: `await run(async (s) => { s.defer(() => sleep('1h'), { timeout: '1m' }); console.log('ready'); await sleep('1h'); }, { grace: 200 });`,
      left: /cleanup \(\d+ ms old, in sleep 3600000 ms\)$/,
    },
    {
      what: 'clean-ups that began before the signal',
      code: `await run((s) => { s.defer(async () => { console.log('ready'); await sleep('1h'); }); return 7; }, { grace: 200 });`,
      left: /cleanup \(\d+ ms old, in sleep 3600000 ms\)$/,
    },
    {
      what: 'shielded work',
      code: `await run(async () => { console.log('ready'); await shield(() => sleep('1h')); }, { grace: 200 });`,
      left: /shield \(\d+ ms old, in sleep 3600000 ms\)$/,
    },
    {
      what: 'a scope inside with a longer grace',
      code: `await run(async () => {
        await scope({ grace: '1m' }, async (s) => {
          s.spawn(() => new Promise(() => {}), 'deaf');
          console.log('ready');
        });
      }, { grace: 200 });`,
      left: /deaf \(\d+ ms old, in no library wait\)$/,
    },
    {
      what: 'a scope inside with an endless grace',
      code: `await run(async () => {
        await scope({ grace: Infinity }, async (s) => {
          s.spawn(() => new Promise((resolve) => setTimeout(resolve, 60_000)), 'deaf');
          console.log('ready');
        });
      }, { grace: 200 });`,
      left: /deaf \(\d+ ms old, in no library wait\)$/,
    },
    {
      what: 'the functions of a flow',
      code: `await run(() => map([1, 2], () => { console.log('ready'); return new Promise(() => {}); }, { grace: '1m' }), { grace: 200 });`,
      left: /map\(fn\) \(\d+ ms old, in no library wait\)$/,
    },
    {
      what: 'the body itself',
      code: `await run(() => { console.log('ready'); return new Promise(() => {}); }, { grace: 200 });`,
      left: /main \(\d+ ms old, in no library wait\)$/,
    },
    {
      what: 'a loop that opens one shield after the other',
      code: `await run(async () => {
        console.log('ready');
        for (;;) await shield(() => sleep(20)).catch(() => undefined);
      }, { grace: 200 });`,
      left: /shield \(\d+ ms old, in sleep 20 ms\)$/,
    },
  ])('$what: it is named in one line, and the exit code is that of the signal', async (each) => {
    const { code, stderr, after } = await program(`${ALIVE} ${each.code}`, 'SIGTERM');

    expect(stderr.trimEnd()).toMatch(each.left);
    expect(stderr.trimEnd()).toMatch(/^StuckTasks: Left work behind 200 ms after [^\n]*$/);
    expect(code).toBe(143);
    // Neither the default grace nor the one of somebody inside.
    expect(after).toBeLessThan(4000);
  });

  it('all, and names all of it', async () => {
    const { code, stderr } = await program(
      `await run(async (s) => {
        s.spawn(() => new Promise(() => {}), 'deaf');
        s.spawn(() => shield(() => sleep('1h'), { name: 'shielded' }), 'caller');
        console.log('ready');
      }, { grace: 200 });`,
      'SIGINT',
    );

    expect(stderr).toMatch(/deaf .*; .*old, in sleep 3600000 ms\)\n$/);
    expect(code).toBe(130);
  });

  it('as much as there is, and names some of it', async () => {
    const { code, stderr } = await program(
      `${ALIVE} await run(() => scope({ grace: '1m' }, async (s) => {
        for (let i = 0; i < 200_000; i++) s.spawn(() => new Promise(() => {}), 'deaf');
        console.log('ready');
      }), { grace: 200 });`,
      'SIGTERM',
    );

    expect([code, stderr.match(/deaf/g)?.length]).toEqual([143, 20]);
    expect(stderr).toMatch(/; and 199980 more\n$/);
  });

  it('nothing that ends in time: no timer keeps the process alive', async () => {
    const { code, stdout, stderr, after } = await program(
      `await run(async (s) => {
        s.defer(async () => { await sleep(50); console.log('clean'); });
        console.log('ready');
        await sleep('1h');
      }, { grace: '1m' });`,
      'SIGTERM',
    );

    expect([code, stdout, stderr]).toEqual([143, 'ready\nclean\n', '']);
    expect(after).toBeLessThan(4000);
  });
});

describe('when the grace is over', () => {
  it('clean-ups that have not begun are called, those of scopes with a longer grace too', async () => {
    const { code, stdout } = await program(
      `${ALIVE} await run(async (s) => {
        s.defer(() => console.log('main'));
        await scope({ grace: '1m' }, async (inner) => {
          inner.defer(() => console.log('inner'));
          inner.spawn(() => new Promise(() => {}));
          console.log('ready');
        });
      }, { grace: 100 });`,
      'SIGTERM',
    );

    expect([code, stdout]).toEqual([143, 'ready\ninner\nmain\n']);
  });

  it('a clean-up that does not end lets the others run', async () => {
    const { code, stdout, stderr } = await program(
      `${JOIN} await run(async (s) => {
        s.defer(() => console.log('first'));
        s.defer(async () => { try { await q.join(); } finally { console.log('cancelled'); } });
        console.log('ready');
        await sleep('1h');
      }, { grace: 100 });`,
      'SIGTERM',
    );

    expect([code, stdout]).toEqual([143, 'ready\ncancelled\nfirst\n']);
    expect(stderr).toMatch(/^StuckTasks: .*join of queue\)\n$/);
  });

  // Bun 1.4 prints warnings of the process at once, and errors with their source.
  it.skipIf('Bun' in globalThis)('what failed is printed beside it, each once', async () => {
    const { code, stderr } = await program(
      `await run(async (s) => {
        s.defer(() => new Promise(() => {}));
        s.defer(() => { throw new Error('one failed'); });
        s.defer(() => { throw new Error('two failed'); });
        console.log('ready');
        await sleep('1h');
      }, { grace: 100 });`,
      'SIGTERM',
    );

    expect(stderr.match(/StuckTasks: |Error: (one|two) failed/g)).toEqual([
      'StuckTasks: ',
      'Error: two failed',
      'Error: one failed',
    ]);
    expect(code).toBe(143);
  });

  it('rejects with StuckTasks where exit codes are not wanted', async () => {
    const { code, stdout } = await program(
      `await run(async (s) => {
        s.defer(() => new Promise(() => {}));
        s.defer(() => { throw new Error('failed'); });
        console.log('ready');
        await sleep('1h');
      }, { grace: 100, exitCodes: false }).catch(({ code, tasks, cause }) => console.log(code, tasks[0].name, cause.message));`,
      'SIGTERM',
    );

    expect([code, stdout]).toEqual([0, 'ready\nERR_STUCK_TASKS cleanup failed\n']);
  });

  // In Bun 1.4 and Deno 2.9 a signal handler keeps the process alive, so it never finds out that nothing is left.
  it.skipIf('Bun' in globalThis || 'Deno' in globalThis)(
    'says that nothing can go on, where the grace is endless',
    async () => {
      const { code, stderr } = await program(
        `await run(async (s) => {
          s.defer(() => new Promise(() => {}));
          console.log('ready');
          await sleep('1h');
        }, { grace: Infinity });`,
        'SIGTERM',
      );

      expect([code, stderr.startsWith('Deadlock: Cannot go on')]).toEqual([143, true]);
    },
  );
});

describe('a signal that comes while clean-ups run', () => {
  it('lets them end, and decides the exit code', async () => {
    const { code, stdout, stderr } = await program(
      `await run((s) => {
        s.defer(async () => { console.log('ready'); await sleep(100); console.log('clean'); });
        return 7;
      });
      console.log('not reached');`,
      'SIGTERM',
    );

    expect([code, stdout, stderr]).toEqual([143, 'ready\nclean\n', '']);
  });

  it('leaves the value where exit codes are not wanted', async () => {
    const { code, stdout } = await program(
      `console.log(await run((s) => {
        s.defer(async () => { console.log('ready'); await sleep(100); });
        return 7;
      }, { exitCodes: false }));`,
      'SIGTERM',
    );

    expect([code, stdout]).toEqual([0, 'ready\n7\n']);
  });
});

describe('the second signal ends at once', () => {
  it.each([
    { where: 'during clean-ups', body: `s.defer(() => sleep('1h')); await sleep('1h');` },
    { where: 'in shielded work', body: `await shield(() => sleep('1h'));` },
    { where: 'where nothing listens', body: 'await new Promise(() => {});' },
    {
      where: 'where exit codes are not wanted',
      body: `await shield(() => sleep('1h'));`,
      exitCodes: false,
    },
  ])('$where', async ({ body, exitCodes = true }) => {
    const { code, after } = await program(
      `${ALIVE} await run(async (s) => {
        process.on('SIGTERM', () => console.log('ready'));
        console.log('ready');
        ${body}
      }, { grace: '1m', exitCodes: ${exitCodes} });`,
      'SIGTERM',
      'SIGINT',
    );

    expect(code).toBe(130);
    expect(after).toBeLessThan(4000);
  });
});

describe('what is said on the way out', () => {
  it('gets out whole, if its reader takes it in time', async () => {
    const { code, stdout } = await program(
      `await run(async (s) => {
        s.defer(() => console.log('x'.repeat(5_000_000)));
        console.log('ready');
        await sleep('1h');
      });`,
      'SIGTERM',
    );

    expect([code, stdout.length]).toEqual([143, 5_000_007]);
  });

  it('includes the warnings of scopes inside', async () => {
    const { code, stderr } = await program(
      `await run(async () => {
        await scope({ grace: 50 }, async (s) => {
          s.spawn(() => new Promise((resolve) => setTimeout(resolve, 300)), 'deaf');
          s.defer(() => undefined);
          console.log('ready');
          await sleep('1h').catch(() => { throw new Error('went wrong'); });
        }).catch(() => undefined);
      });`,
      'SIGTERM',
    );

    expect([code, stderr.includes('StuckTasks: Left work behind 50 ms')]).toEqual([143, true]);
  });
});

describe('two programs in one process', () => {
  it.each([
    {
      what: 'one inside the other',
      code: `await run(async (s) => {
          s.defer(async () => { await sleep(150); console.log('outer cleaned up'); });
          await run(async (t) => {
            t.defer(async () => { await sleep(20); console.log('inner cleaned up'); });
            console.log('ready');
            await sleep('1h');
          });
        });`,
    },
    {
      what: 'beside each other',
      code: `const one = (name, ms) => run(async (s) => {
          s.defer(async () => { await sleep(ms); console.log(name + ' cleaned up'); });
          await sleep('1h');
        });
        setTimeout(() => console.log('ready'), 20);
        await Promise.allSettled([one('inner', 20), one('outer', 150)]);`,
    },
  ])('both clean up before the process ends: $what', async ({ code }) => {
    const ended = await program(code, 'SIGTERM');

    expect([ended.code, ended.stdout]).toEqual([
      143,
      'ready\ninner cleaned up\nouter cleaned up\n',
    ]);
  });
});

describe('the report', () => {
  it('names what has used the grace up, and not only the clean-up that came too late', async () => {
    const { stderr } = await program(
      `await run(async (s) => {
         s.defer(async function closeDatabase() { await sleep(1000); });
         s.spawn(() => new Promise(() => {}), 'upload');
         console.log('ready');
         await sleep('1h');
       }, { grace: 100 });`,
      'SIGTERM',
    );

    expect(stderr).toContain('upload (');
  });
});
