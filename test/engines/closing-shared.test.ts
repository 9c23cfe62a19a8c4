/**
 * Silent sources at a boundary: generators that run in a worker, and iterators that are lent to one.
 *
 * @module
 */
import { concurrently, generateIn, map, mapStream, moveOnAfter, sleep } from 'skein';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { Recorder } from '../conformance/fixtures/recorder.ts';
import { caught, isAbort, why } from '../contract/closing-readers.ts';
import type { Silent } from '../contract/silent-kind.ts';
import { SILENT } from '../contract/silent-sources.ts';
import { takeAll } from '../contract/taking-bodies.ts';
import * as silent from './fixtures/silent.ts';
import { expectNothingOutside, POOLS } from './pools.ts';

expectNothingOutside();

describe.each(POOLS)('$name', ({ make }) => {
  // No worker is killed: what is silent is stopped.
  const engine = make({ size: 2, grace: Number.POSITIVE_INFINITY });
  let log: Recorder;
  beforeAll(() => {
    log = new Recorder();
    log.clear();
  });
  beforeEach(() => log.clear());
  afterAll(async () => {
    log.remove();
    await engine[Symbol.asyncDispose]();
  });
  const pass = (item: unknown): unknown => item;

  describe.each([
    ['a generator that sleeps', silent.sleeping],
    ['a stream', silent.nodeStream],
    ['a web stream', silent.webStream],
    ['lines', silent.lines],
  ])('%s in a worker', (_, fn) => {
    const made = (): AsyncGenerator<string> => generateIn(engine, {}, fn);
    const isClosed = (): Promise<void> =>
      vi.waitFor(() => expect(log.texts).toEqual(['closed']), 5000);

    it('is left while a request is out', async () => {
      const generator = made();
      expect(await generator.next()).toEqual({ value: 'a', done: false });
      const pending = generator.next();

      expect(await generator.return(undefined)).toEqual({ value: undefined, done: true });

      expect(await pending).toEqual({ value: undefined, done: true });
      await isClosed();
    });

    it('cuts a flow short that is aborted', async () => {
      const controller = new AbortController();
      const flow = mapStream(made(), pass, { signal: controller.signal });
      const seen: unknown[] = [];
      const loop = async (): Promise<void> => {
        for await (const item of flow) {
          seen.push(item);
          setTimeout(() => controller.abort(why), 50);
        }
      };

      expect(isAbort(await caught(loop()), why)).toBe(true);

      expect(seen).toEqual(['a']);
      await isClosed();
    });

    it('gives way to what there is instead', async () => {
      await engine.submit(sleep, [1], {});

      expect(await moveOnAfter(1000, () => map(made(), pass), 'instead')).toBe('instead');

      await isClosed();
    });

    it('is closed with the copies that share it', async () => {
      const waiter = concurrently(2, { source: made() }, takeAll);
      await sleep(300);

      await waiter.stop();

      expect(waiter.exceptions).toEqual([]);
    });
  });

  describe.each(
    SILENT.filter(({ name }) =>
      [
        'a PassThrough',
        'a web stream',
        'a flow over a stream',
        'a generator that sleeps',
        'events of an EventEmitter',
        'an iterator whose return() ends the read',
      ].includes(name),
    ),
  )('$name that is lent', (kind) => {
    const lent = async (): Promise<{ made: Silent; items: AsyncIterator<unknown> }> => {
      const made = await kind.make(['a', 'b']);
      // A web stream would be moved as it is.
      const items = kind.name.includes('web')
        ? (mapStream(made.source, pass) as unknown as AsyncIterator<unknown>)
        : (made.source as unknown as AsyncIterator<unknown>);
      return { made, items };
    };

    it.each([
      ['leaves', silent.leaves],
      ['ends', silent.ends],
    ])('is closed when its reader %s', async (_, body) => {
      const { made, items } = await lent();

      await engine.submit(body, [items], {});

      await vi.waitFor(() => expect(made.closed()).toBe(true));
      made.end?.();
    });

    it('is closed when the call is cancelled', async () => {
      const { made, items } = await lent();
      const controller = new AbortController();
      const call = caught(engine.submit(takesAll, [items], { signal: controller.signal }));
      await sleep(300);

      controller.abort(why);

      expect(await call).toBeInstanceOf(Error);
      await vi.waitFor(() => expect(made.closed()).toBe(true));
      made.end?.();
    });
  });
});

async function takesAll(items: AsyncIterator<unknown>): Promise<void> {
  while ((await items.next()).done !== true);
}
