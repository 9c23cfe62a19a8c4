/**
 * Queues and processes: a few workers that live as long as there is work take paths out of one queue and put results into another. The queues
 * are the same objects on both sides; a full one makes its worker wait, in whatever process it is.
 *
 * @module
 */
import { inProcess, Queue, scope } from 'skein';
import { type Digest, digestAll, sources } from './digest.ts';

/** Hashes files with so many workers; the digests come as they are ready. */
export async function digestByQueue(paths: Iterable<string>, workers = 2): Promise<Digest[]> {
  const toDo = new Queue<string>({ max: 16 });
  const done = new Queue<Digest>({ max: 16 });
  return scope(async (s) => {
    const working = Array.from({ length: workers }, (_, index) =>
      s.spawn(() => inProcess(digestAll, toDo, done), `digester[${index}]`),
    );
    s.spawn(async () => {
      for (const path of paths) await toDo.put(path);
      toDo.close();
      for (const worker of working) await worker;
      done.close();
    }, 'feeder');
    const digests: Digest[] = [];
    for await (const digest of done) digests.push(digest);
    return digests;
  });
}

if (import.meta.main) {
  const digests = await digestByQueue(await sources());
  console.log(`${digests.length} files`);
}
