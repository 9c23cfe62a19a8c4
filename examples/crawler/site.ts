/**
 * A web site to crawl: a few thousand pages that link to each other, on a local server that is slow, fails now and then, and redirects.
 *
 * @module
 */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

/** What a site is like. */
export interface SiteOptions {
  /** How many pages; page 0 leads to all others. */
  readonly pages: number;
  /** Longest time that an answer takes, in milliseconds. */
  readonly latency: number;
  /** Every so many pages: one that fails at the first request. */
  readonly flakyEvery: number;
  /** Every so many pages: one that is always broken. */
  readonly brokenEvery: number;
  /** Every so many pages: one that has moved. */
  readonly movedEvery: number;
}

/** A running site. */
export interface Site extends AsyncDisposable {
  readonly url: string;
  /** Requests so far, by path. */
  readonly requests: ReadonlyMap<string, number>;
  /** The most that were ever answered at once. */
  readonly mostAtOnce: number;
}

/** Starts a site on a free port of this machine. */
export async function startSite(options: SiteOptions): Promise<Site> {
  const requests = new Map<string, number>();
  let atOnce = 0;
  let mostAtOnce = 0;
  const server = createServer(async (request, response) => {
    const path = request.url ?? '/';
    const seen = (requests.get(path) ?? 0) + 1;
    requests.set(path, seen);
    mostAtOnce = Math.max(mostAtOnce, ++atOnce);
    await wait(Math.random() * options.latency);
    atOnce--;
    const answer = answerTo(path, seen, options);
    response.writeHead(answer.status, answer.headers).end(answer.body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/page/0`,
    requests,
    get mostAtOnce() {
      return mostAtOnce;
    },
    [Symbol.asyncDispose]: () => close(server),
  };
}

interface Answer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string;
}

function answerTo(path: string, seen: number, options: SiteOptions): Answer {
  const [, kind, text] = path.split('/');
  const page = Number(text);
  const { pages, flakyEvery, brokenEvery, movedEvery } = options;
  const is = (every: number): boolean => page > 0 && page % every === 0;
  if (!(page < pages)) return { status: 404, headers: {}, body: 'no such page' };
  if (is(brokenEvery)) return { status: 500, headers: {}, body: 'broken' };
  if (is(flakyEvery) && seen === 1) return { status: 503, headers: {}, body: 'try again' };
  if (kind === 'page' && is(movedEvery)) {
    return { status: 301, headers: { location: `/moved/${page}` }, body: '' };
  }
  // Two links downwards, as in a heap, so that all pages are reached; one to anywhere, so that many are found twice.
  const links = [2 * page + 1, 2 * page + 2, (page * 7919) % pages].filter((to) => to < pages);
  const anchors = links.map((to) => `<a href="/page/${to}">${to}</a>`).join('\n');
  return {
    status: 200,
    headers: { 'content-type': 'text/html' },
    body: `<title>Page ${page}</title>\n${anchors}`,
  };
}

async function close(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}
