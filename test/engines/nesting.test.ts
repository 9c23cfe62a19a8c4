/**
 * A pool in a worker of a pool in a worker … has a bound, whatever kinds of workers are inside of each other, and bodies need do nothing for it.
 *
 * @module
 */
import { inThread } from 'skein';
import { describe, expect, it } from 'vitest';
import { type Kind, nest, nestInPlainThread } from './fixtures/nesting.ts';

const LIMIT = 8;

describe('workers inside of workers', () => {
  it.each<readonly [what: string, kinds: readonly Kind[]]>([
    ['threads', ['thread']],
    ['processes', ['process']],
    ['threads that block', ['runSync']],
    ['threads and processes in turn', ['thread', 'process']],
    ['all kinds in turn', ['process', 'runSync', 'thread']],
  ])(
    'are at most eight deep: %s',
    async (_, kinds) => {
      const { depth, code, message, name } = await nest(kinds, 0, 20);

      expect([depth, code, name]).toEqual([LIMIT, 'ERR_NESTED_TOO_DEEP', 'NestedTooDeep']);
      const next = kinds[LIMIT % kinds.length] as Kind;
      const starts = { thread: 'threads', process: 'processes', runSync: 'runSync' }[next];
      expect(message).toMatch(new RegExp(`start ${starts} .* 8 workers deep, which is the limit`));
    },
    60_000,
  );

  it('are counted also through a thread that a body starts by itself', async () => {
    expect(await inThread(nestInPlainThread, 20)).toMatchObject({ depth: LIMIT });
  }, 60_000);

  it('may be as deep as that', async () => {
    expect(await nest(['thread'], 0, LIMIT)).toEqual({ depth: LIMIT });
  }, 60_000);
});
