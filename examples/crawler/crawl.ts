/**
 * A crawl: workers put the links that they find into the queue that they take from, until nothing is left to do.
 *
 * @module
 */
import { concurrently, type Duration, Queue, retry } from 'skein';

/** How a crawl is done. */
export interface CrawlOptions {
  /** Pages that are fetched at once. */
  readonly workers: number;
  /** Stops the crawl; what was found is given all the same. Default: none. */
  readonly signal?: AbortSignal;
  /** Time between two attempts at a page. Default 10 ms. */
  readonly pause?: Duration;
}

/** What a crawl has found. */
export interface Crawl {
  /** The title of each page, by URL as it was linked. */
  readonly titles: ReadonlyMap<string, string>;
  /** Why a page could not be had, by URL. */
  readonly failures: ReadonlyMap<string, Error>;
  /** Whether all was done when it ended. */
  readonly isComplete: boolean;
}

/** Fetches everything that can be reached from a page, each URL once. */
export async function crawl(
  start: string,
  { workers, signal, pause = 10 }: CrawlOptions,
): Promise<Crawl> {
  const titles = new Map<string, string>();
  const failures = new Map<string, Error>();
  const known = new Set([start]);
  // Without a bound: where all who take also put, a full queue would have them wait for each other.
  const queue = new Queue<string>();
  await queue.put(start);

  const waiter = concurrently(workers, { name: 'crawler' }, async (context) => {
    for await (const url of queue) {
      try {
        const page = await retry(() => load(url, context.signal), { retries: 2, backoff: pause });
        titles.set(url, page.title);
        for (const link of page.links) {
          if (known.has(link)) continue;
          known.add(link);
          await queue.put(link);
        }
      } catch (error) {
        // A stopped worker is no broken page.
        if (context.signal.aborted) throw error;
        failures.set(url, error as Error);
      } finally {
        queue.taskDone();
      }
    }
  });
  // Workers that have all died would leave the queue unfinished for ever: their end closes it.
  const over = waiter().catch((error: unknown) => queue.close(error));
  let isComplete = true;
  try {
    await queue.join({ signal });
  } catch (error) {
    if (signal?.aborted !== true) throw error;
    isComplete = false;
  }
  await waiter.stop();
  await over;
  return { titles, failures, isComplete };
}

interface Page {
  readonly title: string;
  readonly links: readonly string[];
}

async function load(url: string, signal: AbortSignal): Promise<Page> {
  const response = await fetch(url, { signal });
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.status} for ${url}`);
  const title = /<title>(.*?)<\/title>/.exec(text)?.[1] ?? '';
  const links = [...text.matchAll(/href="(.*?)"/g)].map(([, to]) => new URL(to ?? '', url).href);
  return { title, links };
}
