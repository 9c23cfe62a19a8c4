/**
 * Copies in workers over silent sources, in real time.
 *
 * @module
 */
import { sleep } from 'skein';
import { afterAll, beforeAll, beforeEach, describe } from 'vitest';
import { Recorder } from '../conformance/fixtures/recorder.ts';
import { closingCopiesContract } from '../contract/closing-copies.ts';
import { SILENT } from '../contract/silent-sources.ts';
import * as bodies from './fixtures/taking.ts';
import { POOLS } from './pools.ts';

/** One of each way to be stopped: how copies in workers wait does not depend on the source. */
const KINDS = [
  'a PassThrough',
  'a web stream',
  'a Queue',
  'a flow over a stream',
  'a generator that sleeps',
];

describe.each(POOLS)('copies on $name', ({ make }) => {
  const engine = make({ size: 2 });
  let log: Recorder;
  beforeAll(async () => {
    log = new Recorder();
    log.clear();
    await Promise.all([engine.submit(sleep, [1], {}), engine.submit(sleep, [1], {})]);
  });
  beforeEach(() => log.clear());
  afterAll(async () => {
    log.remove();
    await engine[Symbol.asyncDispose]();
  });

  closingCopiesContract({
    engine,
    inTime: (body) => body(),
    isExact: false,
    kinds: SILENT.filter(({ name }) => KINDS.includes(name)),
    bodies,
    settle: async () => {
      for (let i = 0; i < 1000 && log.of('took').length < 2; i++) await sleep(10);
      await sleep(50);
    },
  });
});
