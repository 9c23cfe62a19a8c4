import { describe, expect, it } from 'vitest';
import { program } from './program.ts';

describe('run', () => {
  it('ends with the process, with exit code 0', async () => {
    const { code, stdout } = await program('console.log(await run(async () => 42));');

    expect([code, stdout]).toEqual([0, '42\n']);
  });

  it.each([
    { signal: 'SIGINT', exit: 130 },
    { signal: 'SIGTERM', exit: 143 },
    { signal: 'SIGHUP', exit: 129 },
  ] as const)(
    'cancels the work on $signal, lets it clean up, and exits with $exit',
    async ({ signal, exit }) => {
      const { code, stdout } = await program(
        `await run(async (s) => {
        s.defer(async () => { await sleep(20); console.log('clean'); });
        s.spawn(() => sleep('1h'));
        console.log('ready');
        await sleepForever();
      });`,
        signal,
      );

      expect([code, stdout]).toEqual([exit, 'ready\nclean\n']);
    },
  );

  it('prints what a clean-up throws on the way out', async () => {
    const { code, stderr } = await program(
      `await run(async (s) => {
        s.defer(() => { throw new Error('clean-up failed'); });
        console.log('ready');
        await sleep('1h');
      });`,
      'SIGINT',
    );

    expect([code, stderr.includes('clean-up failed')]).toEqual([130, true]);
  });

  it('exits at once on the second signal', async () => {
    const { code, stdout } = await program(
      `await run(async () => {
        process.on('SIGINT', () => console.log('ready'));
        console.log('ready');
        await shield(() => sleep('1h'));
      });`,
      'SIGINT',
      'SIGINT',
    );

    expect([code, stdout.startsWith('ready\nready\n')]).toEqual([130, true]);
  });

  it('leaves what ignores the signal behind after its grace', async () => {
    const { code } = await program(
      `await run(async () => {
        console.log('ready');
        await shield(() => sleep('1h'));
      }, { grace: 50 });`,
      'SIGTERM',
    );

    expect(code).toBe(143);
  });

  it('rejects with the Cancelled where exit codes are not wanted', async () => {
    const { code, stdout } = await program(
      `await run(async () => { console.log('ready'); await sleep('1h'); }, { exitCodes: false })
        .catch((error) => console.log(error.reason));`,
      'SIGINT',
    );

    expect([code, stdout]).toEqual([0, 'ready\nSIGINT\n']);
  });

  it('rejects with the error of the program', async () => {
    const { code, stderr } = await program(`await run(() => { throw new Error('boom'); });`);

    expect([code, stderr.includes('boom')]).toEqual([1, true]);
  });
});

describe('outside any scope', () => {
  it('the error of a spawned task is an unhandled rejection of the host', async () => {
    const { code, stderr } = await program(
      `currentScope().spawn(() => Promise.reject(new Error('nobody asked')));`,
    );

    expect([code, stderr.includes('nobody asked')]).toEqual([1, true]);
  });

  it('it is not, once somebody has asked for it', async () => {
    const { code, stdout } = await program(
      `const task = currentScope().spawn(() => Promise.reject(new Error('asked')));
       await task.catch((error) => console.log(error.message));`,
    );

    expect([code, stdout]).toEqual([0, 'asked\n']);
  });

  it('a scheduled failure that nobody looks at is silent', async () => {
    const { code, stderr } = await program(
      `const task = schedule(() => Promise.reject(new Error('no')));
       await sleep(20);
       console.log(task.status);`,
    );

    expect([code, stderr]).toEqual([0, '']);
  });
});
