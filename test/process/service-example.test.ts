import { type ChildProcess, spawn } from 'node:child_process';
import { afterEach, describe, expect, it } from 'vitest';
import { exitCodeOf } from './exit-code.ts';

let child: ChildProcess | undefined;
afterEach(() => child?.kill('SIGKILL'));

/** Starts the example; `until` waits for a line of its output. */
async function service() {
  const path = new URL('../../examples/service/main.ts', import.meta.url).pathname;
  child = spawn(process.execPath, ['--conditions=@skein/source', path]);
  let out = '';
  let look = (): void => undefined;
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      out += text;
      look();
    });
  }
  const until = (pattern: RegExp): Promise<RegExpExecArray> =>
    new Promise((resolve) => {
      look = () => {
        const found = pattern.exec(out);
        if (found !== null) resolve(found);
      };
      look();
    });
  const [, url] = await until(/listening on (\S+)/);
  const post = (job: string): Promise<number> =>
    fetch(url as string, { method: 'POST', body: job }).then(({ status }) => status);
  return { process: child, post, until, output: () => out, code: exitCodeOf(child) };
}

describe('the service of the guide', () => {
  it.each([
    { signal: 'SIGTERM', exit: 143 },
    { signal: 'SIGINT', exit: 130 },
  ] as const)(
    'drains what it has accepted on $signal, then ends with $exit',
    async ({ signal, exit }) => {
      const { process, post, output, code } = await service();
      for (const job of ['200', '201', '202']) expect(await post(job)).toBe(202);

      process.kill(signal);

      expect(await code).toBe(exit);
      expect(output().split('\n').slice(1).toSorted().join(' ').trim()).toBe(
        'done 200 done 201 done 202',
      );
    },
  );

  it('cancels what does not drain in time', async () => {
    const { process, post, until, output, code } = await service();
    await post('60000');
    await post('100');
    await until(/done 100/);

    process.kill('SIGTERM');

    expect(await code).toBe(143);
    expect(output()).toContain('stopped 60000');
    expect(output()).not.toContain('StuckTasks');
  });

  it('accepts nothing while it drains', async () => {
    const { process, post, until, code } = await service();
    await post('1500');
    await post('100');
    await until(/done 100/);

    process.kill('SIGTERM');
    await new Promise((done) => setTimeout(done, 200));

    await expect(post('5')).rejects.toThrow();
    expect(await code).toBe(143);
  });

  it('ends with the error of a worker', async () => {
    const { post, output, code } = await service();
    await post('not a number');

    expect(await code).toBe(1);
    expect(output()).toContain('Expected duration');
  });
});
