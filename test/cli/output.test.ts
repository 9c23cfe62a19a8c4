import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exitCodeOf } from '../process/exit-code.ts';
import { fixtures, main } from './command.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skein-output-'));
});
afterAll(() => rm(folder, { recursive: true }));

interface Written {
  readonly code: number | null;
  readonly stderr: string;
}

/** Runs `skein` with a file or device as its stdout, which may grow to so many blocks of 512 bytes. */
async function writing(
  place: string,
  input: string,
  args: readonly string[],
  blocks?: number,
): Promise<Written> {
  const stdout = openSync(place, 'a');
  const limited = ['sh', '-c', `ulimit -f ${blocks}; exec "$0" "$@"`];
  const words = [...(blocks === undefined ? [] : limited), process.execPath, main, ...args];
  const [command = '', ...rest] = words;
  const child = spawn(command, rest, { cwd: fixtures, stdio: ['pipe', stdout, 'pipe'] });
  closeSync(stdout);
  return end(child, input);
}

async function end(child: ChildProcess, input: string): Promise<Written> {
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk;
  });
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(input);
  return { code: await exitCodeOf(child), stderr };
}

const MANY = Array.from({ length: 5000 }, (_, i) => `${i}\n`).join('');

describe.runIf(existsSync('/dev/full'))('a disk that is full', () => {
  it.each([
    { args: ['map', 'single.js'] },
    { args: ['--help'] },
    { args: ['--version'] },
    { args: ['map', '--help'] },
  ])('ends the command with 74 and one line: $args', async ({ args }) => {
    const { code, stderr } = await writing('/dev/full', MANY, args);

    expect(stderr).toMatch(/^skein: Cannot write to stdout: no space left on device.*\n$/i);
    expect(code).toBe(74);
  });

  // In Deno 2.9 the error of such a stderr reaches nobody who could ignore it.
  it.skipIf('Deno' in globalThis)('under stderr ends nothing', async () => {
    const full = openSync('/dev/full', 'a');
    const child = spawn(process.execPath, [main, 'map', 'functions.ts#upper'], {
      cwd: fixtures,
      stdio: ['pipe', 'pipe', full],
    });
    closeSync(full);
    child.stdout?.resume();

    expect((await end(child, 'a\nb\n')).code).toBe(0);
  });
});

// Deno 2.9 is ended by the SIGXFSZ that the others ignore.
describe.skipIf('Deno' in globalThis)('a file that may not grow', () => {
  it('ends the command with 74 and one line', async () => {
    const { code, stderr } = await writing(join(folder, 'small'), MANY, ['map', 'single.js'], 4);

    expect(stderr).toBe('skein: Cannot write to stdout: file too large\n');
    expect(code).toBe(74);
  });

  it('also where it has room for the first half of the last record', async () => {
    const place = join(folder, 'half');

    const { code } = await writing(place, 'x'.repeat(1000), ['map', 'single.js'], 1);

    expect((await readFile(place)).length).toBe(512);
    expect(code).toBe(74);
  });
});

describe('a file', () => {
  it('takes all records, also those of a long input', async () => {
    const place = join(folder, 'whole');

    const { code } = await writing(place, MANY, ['map', 'single.js']);

    const lines = (await readFile(place, 'utf8')).trimEnd().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { input: string }).input).join('\n')).toBe(
      MANY.trimEnd(),
    );
    expect(code).toBe(0);
  });
});

describe('a reader that goes away', () => {
  it('ends the command with 141, without a word', async () => {
    const child = spawn(process.execPath, [main, 'map', 'single.js'], { cwd: fixtures });
    const ended = end(child, MANY.repeat(10));
    await once(child.stdout, 'data');
    child.stdout.destroy();

    expect(await ended).toEqual({ code: 141, stderr: '' });
  });
});
