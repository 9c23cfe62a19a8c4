/**
 * What the command writes: data to stdout, everything else to stderr. A stdout that takes no more ends the command, with one line and
 * without a stack; a stderr that takes no more ends nothing, as there is nobody to tell.
 *
 * @module
 */
import { once } from 'node:events';
import { fstatSync, writeSync } from 'node:fs';
import { isatty } from 'node:tty';
import { getSystemErrorMap } from 'node:util';
import { BROKEN_PIPE, CANNOT_WRITE } from './exit-codes.ts';
import { oneLine } from './failure.ts';
import { leave } from './leave.ts';

const STDOUT = 1;

/** Watches both streams for errors. */
export function watchOutput(): void {
  process.stdout.on('error', cannotWrite);
  process.stderr.on('error', () => undefined);
}

/** Writes to stdout; waits while the reader is behind. */
export async function writeOut(text: string): Promise<void> {
  if (isFile()) writeWhole(text);
  else if (!process.stdout.write(text)) await once(process.stdout, 'drain');
}

/** Writes a line of our own to stderr. */
export function say(line: string): void {
  process.stderr.write(`skein: ${line}\n`);
}

/** What was written must be out before the process ends: a pipe may be slow. */
export async function flushed(): Promise<void> {
  const streams = [process.stdout, process.stderr];
  await Promise.all(
    streams.map((stream) => new Promise<void>((done) => void stream.write('', () => done()))),
  );
}

let file: boolean | undefined;

function isFile(): boolean {
  if (file === undefined) {
    const stats = fstatSync(STDOUT);
    file = stats.isFile() || (stats.isCharacterDevice() && !isatty(STDOUT));
  }
  return file;
}

/** A disk takes what it has room for and says how much: the stream of Node does not look, and the last record would be cut off. */
function writeWhole(text: string): void {
  let rest: Uint8Array = Buffer.from(text);
  try {
    while (rest.length > 0) rest = rest.subarray(writeSync(STDOUT, rest));
  } catch (error) {
    cannotWrite(error);
  }
}

function cannotWrite(error: unknown): never {
  const { code, errno } = error as NodeJS.ErrnoException;
  if (code === 'EPIPE') leave(BROKEN_PIPE);
  const [, reason] = getSystemErrorMap().get(errno ?? 0) ?? [];
  say(`Cannot write to stdout: ${reason ?? oneLine(error)}`);
  leave(CANNOT_WRITE);
}
