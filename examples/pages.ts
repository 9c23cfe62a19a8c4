/**
 * The example of the Python package `concurrently`: copies of one function download pages. There each copy is given the whole list
 * unless its author shares an iterator; here the copies share `items`, and where they run is one option.
 *
 * Run it with `node --conditions=@skein/source examples/pages.ts`; it starts a site of its own on this machine.
 *
 * @module
 */
import {
  type CopyContext,
  concurrently,
  type EngineSource,
  loop,
  processes,
  task,
  threads,
} from 'skein';
import { fibers } from 'skein/fiber';
import { startSite } from './crawler/site.ts';

/** What a copy is told. */
interface Request {
  readonly url: string;
}

/** Fetches pages until there are none left. Declared, so that threads and processes find it in this module. */
export const fetchPages: (context: CopyContext<Request>) => Promise<void> = task(
  import.meta,
  async function fetchPages({ items, signal }: CopyContext<Request>): Promise<void> {
    for await (const { url } of items) {
      const response = await fetch(url, { signal });
      await response.text();
      if (!response.ok) throw new Error(`${response.status} for ${url}`);
    }
  },
);

/** Fetches pages with so many copies. */
export async function fetchAll(
  urls: Iterable<string>,
  copies: number,
  engine: EngineSource,
): Promise<void> {
  const source = Array.from(urls, (url): Request => ({ url }));
  const waiter = concurrently(copies, { engine, source }, fetchPages);
  // With failHard the first page that cannot be had stops the others.
  await waiter({ failHard: true });
}

if (import.meta.main) {
  const none = Number.POSITIVE_INFINITY;
  const options = { latency: 20, flakyEvery: none, brokenEvery: none, movedEvery: none };
  for (const engine of [loop, fibers, threads, processes]) {
    await using site = await startSite({ ...options, pages: 200 });
    const started = performance.now();
    const urls = Array.from({ length: 200 }, (_, page) => new URL(`/page/${page}`, site.url).href);
    await fetchAll(urls, 4, engine);
    const ms = Math.round(performance.now() - started);
    console.log(
      `${engine.name}: ${site.requests.size} pages, ${site.mostAtOnce} at once, ${ms} ms`,
    );
  }
}
