/**
 * The inputs of a command, read as they are wanted: lines, JSON lines or file names, from files, globs or stdin. The lines are split
 * here because `node:readline` also splits at U+2028, which JSON may hold unescaped, and drops errors of its stream.
 *
 * @module
 */
import { createReadStream } from 'node:fs';
import { glob, open, stat } from 'node:fs/promises';
import { isAbsolute, join, relative } from 'node:path';
import { oneLine, reasonOf, UsageError } from './failure.ts';

/** How inputs are read. */
export type InputKind = 'lines' | 'jsonl' | 'files';

/** A line that could not be parsed. */
export class BadInput extends Error {
  override readonly name = 'SyntaxError';
}

/** One input. */
export interface Input {
  /** What the record shows. */
  readonly input: unknown;
  /** Why it cannot be given to the function. */
  readonly bad?: BadInput;
}

/** Reads all inputs; `stop` makes it end before its time. */
export async function* readInputs(
  kind: InputKind,
  places: readonly string[],
  stop: AbortSignal,
): AsyncGenerator<Input, void, void> {
  for (const place of places.length === 0 ? ['-'] : places) {
    if (place === '-') {
      yield* parse(kind, lines(process.stdin, 'stdin', stop), 'stdin');
      continue;
    }
    for await (const path of filesAt(place)) {
      if (stop.aborted) return;
      if (kind === 'files') yield { input: path };
      else yield* parse(kind, lines(createReadStream(path), path, stop), path);
    }
  }
}

/** Fails before any work if a place cannot be read. A pipe is not tried: opening it would end its writer. */
export async function checkPlaces(kind: InputKind, places: readonly string[]): Promise<void> {
  for (const place of places) {
    if (place === '-') continue;
    const found = await stat(place).catch(() => undefined);
    if (found?.isDirectory()) {
      throw new UsageError(`Cannot read ${place}: it is a directory (try '${place}/**')`);
    }
    if (found?.isFile() && kind !== 'files') {
      await open(place).then(
        (file) => file.close(),
        (error: unknown) => {
          throw new UsageError(`Cannot read ${place}: ${reasonOf(error)}`, { cause: error });
        },
      );
    } else if (found === undefined) {
      const first = isPattern(place) ? await filesAt(place).next() : undefined;
      if (first?.done !== false) throw new UsageError(`Cannot read ${place}: no such file`);
    }
  }
}

function isPattern(place: string): boolean {
  return /[*?[\]{}]/.test(place);
}

/** A path as it is, or else the files that it matches as a glob, links to files included. */
async function* filesAt(place: string): AsyncGenerator<string, void, void> {
  const found = await stat(place).catch(() => undefined);
  // What was there when the work began and is not any more is for the reader to report.
  if (found !== undefined || !isPattern(place)) {
    yield place;
    return;
  }
  for await (const entry of glob(place, { withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const isFile = entry.isSymbolicLink()
      ? (await stat(path).catch(() => undefined))?.isFile()
      : entry.isFile();
    if (isFile) yield isAbsolute(place) ? path : relative('', path);
  }
}

async function* lines(
  stream: NodeJS.ReadableStream,
  name: string,
  stop: AbortSignal,
): AsyncGenerator<string, void, void> {
  const readable = stream as NodeJS.ReadableStream & { destroy(): void };
  // Whoever reads may be waiting for a line that never comes.
  const end = (): void => readable.destroy();
  stop.addEventListener('abort', end);
  stream.setEncoding('utf8');
  let pieces: string[] = [];
  let first = true;
  const line = (last: string): string => {
    const text = pieces.length === 0 ? last : [...pieces, last].join('');
    const start = first && text.startsWith('\uFEFF') ? 1 : 0;
    pieces = [];
    first = false;
    return text.slice(start, text.endsWith('\r') ? -1 : undefined);
  };
  try {
    for await (const part of stream) {
      const chunk = part as string;
      let start = 0;
      for (let at = chunk.indexOf('\n'); at >= 0; at = chunk.indexOf('\n', start)) {
        if (stop.aborted) return;
        yield line(chunk.slice(start, at));
        start = at + 1;
      }
      if (start < chunk.length) pieces.push(chunk.slice(start));
    }
    if (pieces.length > 0 && !stop.aborted) yield line('');
  } catch (error) {
    if (!stop.aborted) {
      throw new UsageError(`Cannot read ${name}: ${reasonOf(error)}`, { cause: error });
    }
  } finally {
    stop.removeEventListener('abort', end);
  }
}

async function* parse(
  kind: InputKind,
  texts: AsyncIterable<string>,
  name: string,
): AsyncGenerator<Input, void, void> {
  let line = 0;
  for await (const text of texts) {
    line++;
    if (kind === 'jsonl' && BLANK.test(text)) continue;
    yield kind === 'jsonl' ? parseJson(text, name, line) : { input: text };
  }
}

/** White space as JSON has it: between values it says nothing. */
const BLANK = /^[ \t\r]*$/;

function parseJson(text: string, name: string, line: number): Input {
  try {
    return { input: JSON.parse(text) as unknown };
  } catch (error) {
    const message = `Cannot parse line ${line} of ${name}: ${oneLine(error)}`;
    return { input: text, bad: new BadInput(message, { cause: error }) };
  }
}
