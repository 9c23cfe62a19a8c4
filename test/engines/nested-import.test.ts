/**
 * A body that was sent as text sends functions on which import, as any function may; however deep, by whatever way, and with stacks that name the file.
 *
 * @module
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { inProcess, inThread } from 'skein';
import { describe, expect, it } from 'vitest';
import { hasInspector } from '../shipping/has-inspector.ts';

describe.each([
  ['threads', inThread],
  ['processes', inProcess],
])('import() in a function inside of a body that was sent as text: %s', (_, run) => {
  it('is sent on', async () => {
    const sep = await run(async () => {
      const { inThread } = await import('skein');
      return inThread(async () => (await import('node:path')).sep);
    });

    expect(sep).toBe('/');
  });

  it('is sent on to a process', async () => {
    const sep = await run(async () => {
      const { inProcess } = await import('skein');
      return inProcess(async () => (await import('node:path')).sep);
    });

    expect(sep).toBe('/');
  });

  it('is sent on three deep, and relative to the file in which it is written', async () => {
    const found = await run(async () => {
      const { inThread } = await import('skein');
      return inThread(async () => {
        const { inThread } = await import('skein');
        return inThread(async () => {
          const { inThread } = await import('skein');
          return inThread(async () => Object.keys(await import('./fixtures/nesting.ts')));
        });
      });
    });

    expect(found).toContain('nest');
  });

  it('is sent on by map, a generator, runSync and an engine', async () => {
    const found = await run(async () => {
      const { map, threads, generateInThread, runSync } = await import('skein');
      const engine = threads({ size: 1 });
      const each = async (x: string): Promise<string> =>
        (await import('node:path')).resolve('/', x);
      const mapped = await map(['a'], each, { engine });
      await engine[Symbol.asyncDispose]();
      const yielded: string[] = [];
      const seps = generateInThread(async function* () {
        yield (await import('node:path')).sep;
      });
      for await (const value of seps) yielded.push(value);
      return [mapped, yielded, runSync(async () => (await import('node:path')).delimiter)];
    });

    expect(found).toEqual([['/a'], ['/'], ':']);
  });

  it('leaves a variable of the user alone that has a name of ours', async () => {
    const found = await run(async () => {
      const $skein = (x: number): number => x + 1;
      const { inThread } = await import('skein');
      const sep = await inThread(async ($skein: number) => {
        const { sep } = await import('node:path');
        return sep + $skein;
      }, 7);
      return [sep, $skein(1)];
    });

    expect(found).toEqual(['/7', 2]);
  });

  it('refuses by its name a variable of a body that an inner function uses', async () => {
    const failing = run(async () => {
      const $skein = (x: number): number => x + 1;
      const { inThread } = await import('skein');
      return inThread(async () => $skein((await import('node:path')).sep.length));
    });

    await expect(failing).rejects.toMatchObject({
      code: 'ERR_NOT_SHIPPABLE',
      captured: ['$skein'],
    });
  });

  it('shows as it was written', async () => {
    const text = await run(() => (async () => await import('node:path')).toString());

    // One letter differs.
    expect(text).toMatch(/.mport\(['"]node:path['"]\)/);
  });
});

// Elsewhere the host does not tell where a function stands; and a test runner has changed the text of the functions in this file.
it.runIf(hasInspector)(
  'keeps line and column in the stack of such a function',
  async () => {
    const program = new URL('fixtures/nested-import.ts', import.meta.url).pathname;
    const args = [...process.execArgv, '--conditions=@skein/source', program];
    const { stdout } = await promisify(execFile)(process.execPath, args);

    const { places, expected } = JSON.parse(stdout) as { places: string[]; expected: string };
    expect(places).toEqual([expected, expected]);
  },
  60_000,
);
