/**
 * Finds what a new worker has to run. The build gives this module a file of its own in the same place of the tree, so that what is
 * relative to it holds for the source and for the package alike. In a program that was bundled by its user there is no such file:
 * then it is the text.
 *
 * @module
 */
import { ENTRY_TEXT } from './entry-text.ts';

/** What a worker is for. */
export type WorkerKind = 'thread' | 'process' | 'run-sync';

const FILES: Readonly<Record<WorkerKind, string>> = {
  thread: '../thread/thread-entry',
  process: '../process/process-entry',
  'run-sync': '../thread/run-sync-entry',
};

/** This file in the source and in the package; anything else is a bundle. */
const OWN_NAME = /\/engines\/pool\/worker-entry(\.[jt]s)$/;

/** Gives the file that a worker of this kind runs, or the text of it where this program has been bundled. */
export function workerEntry(kind: WorkerKind): URL | string {
  // Bundled as CommonJS it has no URL.
  const here: string | undefined = import.meta.url;
  const [, extension] = OWN_NAME.exec(here ?? '') ?? [];
  if (extension !== undefined) return new URL(FILES[kind] + extension, here);
  const text = ENTRY_TEXT === undefined ? undefined : unpack(ENTRY_TEXT)[kind];
  if (text === undefined) throw new Error(`Cannot find the ${kind} entry from ${here}`);
  return text;
}

let unpacked: Readonly<Record<string, string>> | undefined;

function unpack(packed: string): Readonly<Record<string, string>> {
  // By itself: it must not draw the rest of the library into its file.
  const zlib = process.getBuiltinModule('node:zlib');
  unpacked ??= JSON.parse(
    String(zlib.brotliDecompressSync(Buffer.from(packed, 'base64'))),
  ) as Readonly<Record<string, string>>;
  return unpacked;
}
