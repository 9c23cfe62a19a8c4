/**
 * The engine contract leaves no folder behind, however a case or its process ends.
 *
 * @module
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { endOf } from '../process/exit-code.ts';

const program = new URL('./fixtures/contract-program.ts', import.meta.url);

/** Runs a case in a process that has a place for temporary files of its own. */
function start(what: string, place: string) {
  const env = { ...process.env, TMPDIR: place };
  const args = [...process.execArgv, '--conditions=@skein/source', program.pathname, what];
  return spawn(process.execPath, args, { env, timeout: 25_000 });
}

function newPlace(): string {
  const place = mkdtempSync(join(tmpdir(), 'skein-place-'));
  onTestFinished(() => rmSync(place, { recursive: true }));
  return place;
}

function foldersIn(place: string): string[] {
  return readdirSync(place).filter((name) => name.startsWith('skein-'));
}

// The options of the command line are those of Node, and the signals those of a system that has them.
const runs = it.skipIf('Bun' in globalThis || 'Deno' in globalThis || process.platform === 'win32');

runs.each([
  ['passes', /^passed/],
  ['fails', /^failed/],
  ['never ends', /^failed/],
  ['is not disposed', /^failed/],
  ['exits', /^$/],
  ['throws', /^$/],
  ['writes on', /^failed/],
])('nothing is left of a case that %s', async (what, says) => {
  const place = newPlace();

  const { stdout } = await endOf(start(what, place));

  expect(stdout).toMatch(says);
  expect(foldersIn(place)).toEqual([]);
});

/** A process whose case waits, with its folder. */
async function waiting(place: string): Promise<ChildProcess> {
  const child = start('waits', place);
  await once(child.stdout, 'data');
  expect(foldersIn(place)).toHaveLength(1);
  return child;
}

runs.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  'nothing is left of a process that %s ends, and it ends of that',
  async (signal) => {
    const place = newPlace();
    const child = await waiting(place);

    child.kill(signal);
    const [, killedBy] = await once(child, 'exit');

    expect(killedBy).toBe(signal);
    expect(foldersIn(place)).toEqual([]);
  },
);

runs('what a process left that was killed is removed by a later one, when it is old', async () => {
  const place = newPlace();
  const child = await waiting(place);
  child.kill('SIGKILL');
  await once(child, 'exit');
  const [left] = foldersIn(place) as [string];
  const others = [`skein-engine-${process.pid}-alive`, 'skein-other-1-x'];
  for (const name of others) mkdirSync(join(place, name));

  await endOf(start('passes', place));
  expect(foldersIn(place).toSorted()).toEqual([left, ...others].toSorted());

  for (const name of [left, ...others]) utimesSync(join(place, name), 0, 0);
  await endOf(start('passes', place));
  expect(foldersIn(place).toSorted()).toEqual(others.toSorted());
});
