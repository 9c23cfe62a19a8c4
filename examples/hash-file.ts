/**
 * Hashes one file: the function that the demo runs over thousands of them.
 *
 *     skein map examples/hash-file.ts --in files 'src/core/*.ts'
 *
 * @module
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';

/** The SHA-256 of a file, and its size. The context has a signal, so a cancelled read stops. */
export async function hashFile(
  path: string,
  { signal }: { readonly signal: AbortSignal },
): Promise<{ readonly sha256: string; readonly bytes: number }> {
  const content = await readFile(path, { signal });
  return { sha256: createHash('sha256').update(content).digest('hex'), bytes: content.length };
}
