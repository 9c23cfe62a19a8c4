import { describe, expect, it } from 'vitest';
import { crawl } from '../../examples/crawler/crawl.ts';
import { startSite } from '../../examples/crawler/site.ts';

const options = { pages: 300, latency: 4, flakyEvery: 17, brokenEvery: 101, movedEvery: 13 };

describe('the crawler', () => {
  it('finds all pages through links, redirects and failures, each URL once', async () => {
    const site = await startSite(options);
    try {
      const { titles, failures, isComplete } = await crawl(site.url, { workers: 20, pause: 1 });

      // Pages below a broken one that no other links to are not found: only what can be reached counts.
      const reachable = reach(options.pages, options.brokenEvery);
      expect(isComplete).toBe(true);
      expect(titles.size + failures.size).toBe(reachable.size);
      expect([...failures.keys()].every((url) => Number(url.split('/').at(-1)) % 101 === 0)).toBe(
        true,
      );
      expect(failures.size).toBe(
        [...reachable].filter((page) => page > 0 && page % 101 === 0).length,
      );
      expect([...titles.values()].toSorted()).toEqual(
        [...reachable]
          .filter((p) => p === 0 || p % 101 !== 0)
          .map((p) => `Page ${p}`)
          .toSorted(),
      );
      expect(site.mostAtOnce).toBeLessThanOrEqual(20);
      for (const [path, count] of site.requests) {
        const page = Number(path.split('/').at(-1));
        const isFlaky = page > 0 && (page % 17 === 0 || page % 101 === 0);
        expect([path, count]).toEqual([path, isFlaky ? expect.any(Number) : 1]);
        expect(count).toBeLessThanOrEqual(3);
      }
    } finally {
      await site[Symbol.asyncDispose]();
    }
  });

  it('stops when it is told to, and leaves nothing running', async () => {
    const site = await startSite({ ...options, latency: 20 });
    try {
      const controller = new AbortController();
      const crawling = crawl(site.url, { workers: 5, signal: controller.signal });
      while (site.requests.size < 20) await new Promise((resolve) => setImmediate(resolve));
      controller.abort('enough');
      const { titles, failures, isComplete } = await crawling;
      // What was on its way when it was told to stop arrives.
      await new Promise((resolve) => setTimeout(resolve, 50));
      const requests = site.requests.size;

      expect(isComplete).toBe(false);
      expect(titles.size).toBeLessThan(options.pages);
      expect(failures.size).toBe(0);
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(site.requests.size).toBe(requests);
    } finally {
      await site[Symbol.asyncDispose]();
    }
  });
});

/** The pages that can be reached from page 0 when the broken ones lead nowhere. */
function reach(pages: number, brokenEvery: number): Set<number> {
  const found = new Set([0]);
  for (const page of found) {
    if (page > 0 && page % brokenEvery === 0) continue;
    for (const to of [2 * page + 1, 2 * page + 2, (page * 7919) % pages]) {
      if (to < pages) found.add(to);
    }
  }
  return found;
}
