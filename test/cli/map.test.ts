import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { skein } from './command.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skein-cli-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function file(name: string, content: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

describe('skein map', () => {
  it('writes one record a line of stdin, in order, and keeps logs off stdout', async () => {
    const { code, records, stderr } = await skein('a\nb\r\nc', 'map', 'functions.ts#upper');

    expect(records).toMatchObject([
      { index: 0, input: 'a', status: 'done', value: 'A', ms: expect.any(Number) },
      { index: 1, input: 'b', status: 'done', value: 'B' },
      { index: 2, input: 'c', status: 'done', value: 'C' },
    ]);
    expect([code, stderr.includes('must not reach stdout')]).toEqual([0, true]);
  });

  it('records a failure with name, message and cause, goes on, and exits with 1', async () => {
    const { code, records, stdout } = await skein('bad\nok\n', 'map', 'functions.ts#upper');

    expect(records).toMatchObject([
      {
        status: 'failed',
        error: { name: 'TypeError', message: 'no bad words', cause: { message: 'because' } },
      },
      { status: 'done', value: 'OK' },
    ]);
    expect([code, stdout.includes('at ')]).toEqual([1, false]);
  });

  it('reads JSON lines, and a bad line is a failed record with its number', async () => {
    const input = '{"a":1}\n\n{"a":\n{"a":"\u2028"}\n';

    const { code, records } = await skein(input, 'map', 'functions.ts#field', '--in', 'jsonl');

    expect(records.map(({ status }) => status)).toEqual(['done', 'failed', 'done']);
    expect(records[1]).toMatchObject({ input: '{"a":', error: { name: 'SyntaxError' } });
    expect(String((records[1] as { error: { message: string } }).error.message)).toContain(
      'line 3',
    );
    expect([records[2]?.value, code]).toEqual(['\u2028', 1]);
  });

  it.each([
    { blank: 'empty', input: '\n1\n\n\n2\n\n' },
    { blank: 'of white space', input: ' \t\n1\n\t\n \n2\n  ' },
    { blank: 'ended by CR LF', input: '\r\n1\r\n \r\n\r\n2\r\n\r\n' },
    { blank: 'behind a byte order mark', input: '\uFEFF\n1\n2' },
  ])('takes lines that are $blank for no JSON', async ({ input }) => {
    const { code, records } = await skein(input, 'map', 'functions.ts#nothing', '--in', 'jsonl');

    expect(records.map(({ index, input: value }) => [index, value])).toEqual([
      [0, 1],
      [1, 2],
    ]);
    expect(code).toBe(0);
  });

  it('takes other white space for bad JSON, and a blank line for an item where items are lines', async () => {
    const json = await skein('\u00A0\n', 'map', 'functions.ts#nothing', '--in', 'jsonl');
    const lines = await skein('a\n\n \n', 'map', 'single.js');

    expect(json.records).toMatchObject([{ status: 'failed', error: { name: 'SyntaxError' } }]);
    expect(lines.records.map(({ input }) => input)).toEqual(['a', '', ' ']);
  });

  it('reads lines from files and globs, one after the other', async () => {
    await file('one.txt', 'a\nb\n');
    await file('two.txt', 'c');

    const { records } = await skein('', 'map', 'single.js', join(folder, '*.txt'));

    expect(records.map(({ input, value }) => [input, value])).toEqual([
      ['a', 1],
      ['b', 1],
      ['c', 1],
    ]);
  });

  it('takes names of files as items', async () => {
    const { records } = await skein('', 'map', 'single.js', '--in', 'files', '*.ts');
    const fromStdin = await skein('x.ts\ny.ts\n', 'map', 'single.js', '--in', 'files');

    expect(records.map(({ input }) => input).sort()).toEqual(['broken.ts', 'functions.ts']);
    expect(fromStdin.records.map(({ input }) => input)).toEqual(['x.ts', 'y.ts']);
  });

  it('gives results as they are done where that was asked for', async () => {
    const { records } = await skein('400\n1\n', 'map', 'functions.ts#slow', '--order', 'done');

    expect(records.map(({ index }) => index)).toEqual([1, 0]);
  });

  it('retries, and limits the time of an attempt', async () => {
    const flaky = await skein('x\n', 'map', 'functions.ts#flaky', '--retry', '3');
    const late = await skein('300\n', 'map', 'functions.ts#slow', '--timeout', '50ms');

    expect(flaky.records).toMatchObject([{ status: 'done', value: 'x after 3' }]);
    expect(late.records).toMatchObject([{ status: 'failed', error: { code: 'ERR_TIMED_OUT' } }]);
  });

  it('writes null for a function that returns nothing, and a failure for what has no JSON', async () => {
    const nothing = await skein('x\n', 'map', 'functions.ts#nothing');
    const circular = await skein('x\n', 'map', 'functions.ts#circular');
    const generator = await skein('x\n', 'map', 'functions.ts#many');

    expect(nothing.records).toMatchObject([{ status: 'done', value: null }]);
    expect(circular.records).toMatchObject([{ status: 'failed', error: { name: 'TypeError' } }]);
    expect(generator.records).toMatchObject([{ error: { message: /an iterator has none$/ } }]);
    expect([circular.code, generator.code]).toEqual([1, 1]);
  });

  it('loses no line of a long input', async () => {
    const lines = Array.from({ length: 20_000 }, (_, i) => String(i));

    const { records, code } = await skein(lines.join('\n'), 'map', 'single.js', '-c', '7');

    expect(records.map(({ input }) => input)).toEqual(lines);
    expect(code).toBe(0);
  });

  it('reads stdin among files, links to files, and a value that begins with a dash', async () => {
    const path = await file('link-target.txt', 'target\n');
    await symlink(path, join(folder, 'link-a.txt'));

    const mixed = await skein('first\n', 'map', 'single.js', '-', path, '-c', '-1');
    const links = await skein('', 'map', 'single.js', '--in', 'files', join(folder, 'link-*.txt'));

    expect(mixed.records.map(({ input }) => input)).toEqual(['first', 'target']);
    expect(links.records.length).toBe(2);
  });

  it('takes a byte order mark and a very long line as they are meant', async () => {
    const long = 'x'.repeat(3_000_000);

    const { records } = await skein(`\uFEFFa\n${long}\n`, 'map', 'single.js');

    expect(records.map(({ value }) => value)).toEqual([1, long.length]);
  });

  it('says so when the function ends the process', async () => {
    const { code, stderr } = await skein('a\n', 'map', 'functions.ts#quit');

    expect([code, stderr.includes('ended the process')]).toEqual([1, true]);
  });

  it('handles no input at all', async () => {
    expect(await skein('', 'map', 'single.js')).toMatchObject({ code: 0, records: [] });
  });
});

describe('a mistake of the user is one line on stderr and exit code 2', () => {
  it.each([
    { args: ['map'], says: 'Expected a module' },
    { args: ['map', 'missing.ts'], says: 'Cannot find module missing.ts' },
    { args: ['map', 'broken.ts'], says: 'Cannot load broken.ts: this module does not load' },
    { args: ['map', 'functions.ts#none'], says: 'Cannot find a function none in functions.ts' },
    { args: ['map', 'functions.ts'], says: 'a default function' },
    { args: ['map', 'single.js', 'missing.txt'], says: 'Cannot read missing.txt' },
    { args: ['map', 'single.js', '.'], says: 'it is a directory' },
    {
      args: ['map', 'single.js', '--in', 'xml'],
      says: "--in to be lines or jsonl or files: got 'xml'",
    },
    { args: ['map', 'single.js', '-c', '0'], says: 'concurrency to be an integer >= 1' },
    {
      args: ['map', 'single.js', '-c', 'many'],
      says: "--concurrency to be an integer: got 'many'",
    },
    { args: ['map', 'single.js', '--retry', '-1'], says: 'retry' },
    { args: ['map', 'single.js', '--timeout', 'soon'], says: "got 'soon'" },
    {
      args: ['map', 'single.js', '--bogus'],
      says: "Unknown option '--bogus': skein map --help shows all\n",
    },
    {
      args: ['map', 'single.js', '--concurency', '3'],
      says: "Unknown option '--concurency' (did you mean --concurrency?)\n",
    },
    {
      args: ['map', 'single.js', '--timeuot=3s'],
      says: "Unknown option '--timeuot' (did you mean --timeout?)\n",
    },
    { args: ['map', 'single.js', '-x'], says: "Unknown option '-x': skein map --help shows all" },
    { args: ['mop'], says: "Cannot run 'mop': no such command (did you mean map?)" },
    { args: ['--versoin'], says: 'did you mean --version?' },
    { args: ['map', 'single.js', '--retries=3'], says: 'did you mean --retry?' },
  ])('$args', async ({ args, says }) => {
    const { code, stderr, stdout } = await skein('', ...args);

    expect(stderr).toContain(says);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect([code, stdout]).toEqual([2, '']);
  });
});

describe('skein', () => {
  it('shows help and version', async () => {
    expect(await skein('', '--help')).toMatchObject({ code: 0 });
    expect(await skein('', '-h')).toMatchObject({ code: 0 });
    expect((await skein('', 'map', '--help')).stdout).toContain('--concurrency');
    expect((await skein('', '--version')).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect(await skein('')).toMatchObject({ code: 2 });
  });

  it.each([{ args: ['--help'] }, { args: ['map', '--help'] }])(
    'lists its exit codes with $args',
    async ({ args }) => {
      const { stdout } = await skein('', ...args);

      const codes = stdout.slice(stdout.indexOf('Exit codes:')).match(/^ {2}[\d, ]+/gm) ?? [];
      expect(codes.join().match(/\d+/g)?.map(Number)).toEqual([
        0, 1, 2, 70, 74, 129, 130, 143, 141,
      ]);
    },
  );
});
