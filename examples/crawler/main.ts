/**
 * Crawls a site of 3,000 pages on this machine. Run it with `node --conditions=@skein/source examples/crawler/main.ts`.
 *
 * @module
 */
import { run } from 'skein';
import { crawl } from './crawl.ts';
import { startSite } from './site.ts';

await run(async (s) => {
  const site = s.use(
    await startSite({ pages: 3000, latency: 40, flakyEvery: 17, brokenEvery: 101, movedEvery: 13 }),
  );
  const started = performance.now();
  const { titles, failures, isComplete } = await crawl(site.url, {
    workers: 50,
    signal: s.signal,
  });
  const seconds = (performance.now() - started) / 1000;
  const requests = [...site.requests.values()].reduce((sum, n) => sum + n, 0);
  console.log(
    `${titles.size} pages, ${failures.size} broken, ${requests} requests, ${site.mostAtOnce} at once, ${seconds.toFixed(1)} s${isComplete ? '' : ' (stopped)'}`,
  );
});
