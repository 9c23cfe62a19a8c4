import { type EngineSource, loop, processes, threads } from 'skein';
import { fibers } from 'skein/fiber';
import { describe, expect, it } from 'vitest';
import { startSite } from '../../examples/crawler/site.ts';
import { fetchAll } from '../../examples/pages.ts';

const none = Number.POSITIVE_INFINITY;
const healthy = { latency: 5, flakyEvery: none, brokenEvery: none, movedEvery: none };
const engines: readonly [string, EngineSource][] = [
  ['loop', loop],
  ['fibers', fibers],
  ['threads', () => threads({ size: 2 })],
  ['processes', () => processes({ size: 2 })],
];

describe.each(engines)('pages on %s', (_, engine) => {
  it('each is fetched once', async () => {
    const site = await startSite({ ...healthy, pages: 30 });
    try {
      const urls = Array.from({ length: 30 }, (_, page) => new URL(`/page/${page}`, site.url).href);
      await fetchAll(urls, 3, engine);

      expect([...site.requests.values()]).toEqual(Array(30).fill(1));
      expect(site.mostAtOnce).toBeLessThanOrEqual(3);
    } finally {
      await site[Symbol.asyncDispose]();
    }
  });

  it('one that is broken stops the others, with its own error', async () => {
    const site = await startSite({ ...healthy, pages: 30, brokenEvery: 3 });
    try {
      const urls = Array.from({ length: 30 }, (_, page) => new URL(`/page/${page}`, site.url).href);

      await expect(fetchAll(urls, 2, engine)).rejects.toThrow(/^500 for/);
      expect(site.requests.size).toBeLessThan(30);
    } finally {
      await site[Symbol.asyncDispose]();
    }
  });
});
