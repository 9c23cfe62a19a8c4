/**
 * Case 41: a generator in a thread.
 *
 * @module
 */

import { threadId } from 'node:worker_threads';
import { generateInThread, isCancelled, scope } from 'skein';
import { describe, expect, it } from 'vitest';
import { Journal } from '../../src/testing/engine/journal.ts';
import * as bodies from './fixtures/conformance.ts';
import { thrown } from './pools.ts';

const here = `${process.pid}:${threadId}`;

async function withJournal(body: (journal: Journal) => Promise<void>): Promise<void> {
  using journal = Journal.open();
  await body(journal);
}

describe('41 remote-generator', () => {
  it('41 remote-generator: values first, then the error', async () => {
    const values: number[] = [];
    const error = await thrown(
      (async () => {
        for await (const value of generateInThread(bodies.threeThenFail)) values.push(value);
      })(),
    );

    expect(values).toEqual([0, 1, 2]);
    expect(error).toBeInstanceOf(bodies.JobFailed);
    expect(error).toMatchObject({ job: 3, cause: expect.any(TypeError) });
  });

  it('41 remote-generator: is over after its error', async () => {
    const generator = generateInThread(bodies.threeThenFail);
    for (let i = 0; i < 3; i++) await generator.next();
    await thrown(generator.next());

    expect(await generator.next()).toEqual({ value: undefined, done: true });
  });

  it('41 remote-generator: nothing runs before the first request', () =>
    withJournal(async (journal) => {
      const generator = generateInThread(bodies.counted, journal.place);

      await generator.return('');

      expect(journal.entries()).toEqual([]);
    }));

  it('41 remote-generator: pulls in its worker, and not far ahead of the requests', () =>
    withJournal(async (journal) => {
      const generator = generateInThread(bodies.counted, journal.place);
      for (let i = 0; i < 3; i++) expect(await generator.next()).toEqual({ value: i, done: false });
      await generator.return('');

      const pulls = journal.names('pull');
      expect(pulls.length).toBeGreaterThanOrEqual(3);
      expect(pulls.length).toBeLessThan(200);
      expect(new Set(pulls).size).toBe(1);
      expect(pulls[0]).not.toBe(here);
    }));

  it.each([
    ['a generator', bodies.echoing],
    ['an async generator', bodies.echoingLater],
  ])(
    '41 remote-generator: values sent into %s arrive, and so does what it returns',
    async (_, fn) => {
      const generator = generateInThread<[], string, string, string>(fn);

      expect(await generator.next('ignored')).toEqual({ value: 'got nothing', done: false });
      expect(await generator.next('a')).toEqual({ value: 'got a', done: false });
      expect(await generator.next('b')).toEqual({ value: 'got b', done: false });
      expect(await generator.next('stop')).toEqual({ value: 'returned', done: true });
      expect(await generator.next('more')).toEqual({ value: undefined, done: true });
    },
  );

  it('41 remote-generator: leaving early runs the clean-up inside its worker, and waits for it', () =>
    withJournal(async (journal) => {
      for await (const value of generateInThread(bodies.cleaning, journal.place)) {
        expect(value).toBe(1);
        break;
      }

      expect(journal.names('cleaned')).toEqual(journal.names('cleaning'));
      expect(journal.names('cleaned')).toHaveLength(1);
      expect(journal.names('cleaned')[0]).not.toBe(here);
    }));

  it('41 remote-generator: an error of the consumer runs the clean-up too', () =>
    withJournal(async (journal) => {
      const error = await thrown(
        (async () => {
          for await (const _ of generateInThread(bodies.cleaning, journal.place)) {
            throw new Error('of the consumer');
          }
        })(),
      );

      expect(error.message).toBe('of the consumer');
      expect(journal.names('cleaned')).toHaveLength(1);
    }));

  it('what is thrown in arrives', async () => {
    const generator = generateInThread(bodies.catching);
    await generator.next();

    expect(await generator.throw(new Error('this'))).toEqual({ value: 'caught this', done: false });
    expect(await generator.next()).toEqual({ value: 'end', done: true });
  });

  it('an iterable that is no generator gives its values', async () => {
    const values: number[] = [];
    for await (const value of generateInThread(bodies.list, 4)) values.push(value);

    expect(values).toEqual([0, 1, 2, 3]);
  });

  it('ten thousand values arrive in order, each once', async () => {
    const values: number[] = [];
    for await (const value of generateInThread(bodies.count, 10_000)) values.push(value);

    expect(values).toEqual(Array.from({ length: 10_000 }, (_, i) => i));
  });

  it('several requests at once are answered in order', async () => {
    const generator = generateInThread(bodies.count, 3);

    const results = await Promise.all([1, 2, 3, 4, 5].map(() => generator.next()));

    expect(results).toEqual([
      { value: 0, done: false },
      { value: 1, done: false },
      { value: 2, done: false },
      { value: 3, done: true },
      { value: undefined, done: true },
    ]);
  });

  it('the death of its worker is an error of the request', async () => {
    const generator = generateInThread(bodies.dying);
    const first = await generator.next().catch((error: unknown) => error);
    // A worker that was asked ahead may have died before its first value was out.
    if (first instanceof Error) expect(first).toMatchObject({ code: 'ERR_WORKER_DIED' });
    else expect(first).toEqual({ value: 1, done: false });

    if (!(first instanceof Error)) {
      expect(await thrown(generator.next())).toMatchObject({
        code: 'ERR_WORKER_DIED',
        exitCode: 5,
      });
    }
    expect(await generator.next()).toEqual({ value: undefined, done: true });
  });

  it('the ambient scope cancels a request, and the generator cleans up', () =>
    withJournal(async (journal) => {
      const error = await thrown(
        scope(async (s) => {
          const generator = generateInThread(bodies.waiting, journal.place);
          await generator.next();
          const next = generator.next();
          await journal.seen('start');
          s.cancel('enough');
          await next;
        }),
      );

      expect(isCancelled(error)).toBe(true);
      await journal.seen('clean');
    }));

  it('leaving one that is stuck does not hang', () =>
    withJournal(async (journal) => {
      const generator = generateInThread(bodies.stuck, journal.place);
      await generator.next();
      const next = generator.next().catch((error: unknown) => error);
      await journal.seen('start');

      await generator.return();

      expect(await next).toSatisfy(
        (result: unknown) => result instanceof Error || (result as { done: boolean }).done,
      );
    }));

  it('refuses what is no function, and what gives nothing to iterate over', async () => {
    expect(() => generateInThread('x' as unknown as () => Generator<number>)).toThrow(TypeError);
    const generator = generateInThread(
      bodies.square as unknown as (n: number) => Iterable<number>,
      3,
    );
    expect((await thrown(generator.next())).message).toMatch(/iter/);
  });
});
