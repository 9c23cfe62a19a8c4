/**
 * Futures and threads: each piece of work is a task of its own, which one can wait for, ask and cancel, and its work is done in a worker
 * thread. The results come in the order of the input, or as they come.
 *
 * @module
 */
import { asCompleted, inThread, schedule, scope } from 'skein';
import { type Digest, digest, sources } from './digest.ts';

/** Hashes files, in the order of the paths. */
export async function digestInOrder(paths: readonly string[]): Promise<Digest[]> {
  return scope(async () => {
    const futures = paths.map((path) => schedule(() => inThread(digest, path)));
    // All of them are at work by now: the scope stops and awaits those that are left if one fails.
    const digests: Digest[] = [];
    for (const future of futures) digests.push(await future);
    return digests;
  });
}

/** Hashes files, and calls `found` with each as it is ready. */
export async function digestAsReady(
  paths: readonly string[],
  found: (digest: Digest) => void,
): Promise<void> {
  const work = paths.map((path) => () => inThread(digest, path));
  for await (const outcome of asCompleted(work)) found(outcome.unwrap());
}

if (import.meta.main) {
  let count = 0;
  await digestAsReady(await sources(), () => count++);
  console.log(
    `${count} files as they came, ${(await digestInOrder(await sources())).length} in order`,
  );
}
