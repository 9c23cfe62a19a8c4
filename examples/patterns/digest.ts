/**
 * The work of the four patterns: the SHA-256 of files. The functions are declared, so that threads and processes find them here.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { type Queue, task } from 'skein';

/** What was found out about a file. */
export interface Digest {
  readonly path: string;
  readonly sha256: string;
}

/** Hashes one file: the work of the patterns with futures. */
export const digest: (path: string) => Promise<Digest> = task(
  import.meta,
  async function digest(path: string): Promise<Digest> {
    const sha256 = createHash('sha256')
      .update(await readFile(path))
      .digest('hex');
    return { path, sha256 };
  },
);

/** Takes paths out of one queue and puts digests into another, until the first is closed: a worker of the patterns with queues. */
export const digestAll: (paths: Queue<string>, digests: Queue<Digest>) => Promise<void> = task(
  import.meta,
  async function digestAll(paths: Queue<string>, digests: Queue<Digest>): Promise<void> {
    for await (const path of paths) await digests.put(await digest(path));
  },
);

/** The files that the patterns hash when they are run: those of this repository's library. */
export async function sources(): Promise<string[]> {
  const { globSync } = await import('node:fs');
  const { fileURLToPath } = await import('node:url');
  const cwd = fileURLToPath(new URL('../../src', import.meta.url));
  return globSync('**/*.ts', { cwd }).map((path) => `${cwd}/${path}`);
}
