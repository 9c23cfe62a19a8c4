/**
 * Iterators that are lent are stopped as those that are read here.
 *
 * @module
 */
import { detached, now, StuckTasks, scope, sleep } from 'skein';
import { virtual } from 'skein/testing';
import { describe, expect, it, vi } from 'vitest';
import type { Silent } from '../contract/silent-kind.ts';
import { SILENT, STUCK } from '../contract/silent-sources.ts';
import { Boundary, turns } from './boundary.ts';

type Items = AsyncIterator<unknown> & Silent['source'];

/** A silent source that is lent, and a read of it that is out. */
async function reading(
  silent: Silent,
): Promise<{ boundary: Boundary; there: Items; pending: Promise<unknown> }> {
  const boundary = new Boundary();
  const [crossed] = boundary.cross(silent.source) as unknown as [Items];
  // Of a queue the proxy is a queue.
  const there = (crossed[Symbol.asyncIterator]?.() ?? crossed) as Items;
  // The other side is not of this scope.
  const next = (): Promise<unknown> => detached(() => there.next().catch(() => undefined));
  await next();
  await next();
  const pending = next();
  await turns(5);
  return { boundary, there, pending };
}

// A web stream is moved, not lent, and lines are lost that come before the first request.
const kinds = SILENT.filter(
  ({ name, gives }) => gives === 'anything' && !/web|TransformStream|stream of a Rec/.test(name),
);

describe.each(kinds)('$name in a worker', (kind) => {
  it.each(['return()', 'the end of the call', 'death'])(
    'is closed by %s while a read is out',
    async (how) => {
      const silent = await kind.make(['a', 'b']);
      const { boundary, there, pending } = await reading(silent);

      if (how === 'return()') await there.return?.();
      if (how === 'death') boundary.die();
      await boundary.finish();

      await vi.waitFor(() => expect(silent.closed()).toBe(true));
      await pending;
      silent.end?.();
    },
  );
});

describe('a generator in a worker', () => {
  it('may wait in finally, and the scope of the call waits for it', () =>
    virtual(async () => {
      const log: string[] = [];
      async function* careful(): AsyncGenerator<number> {
        try {
          for (let n = 0; ; n++) yield n;
        } finally {
          await sleep(100);
          log.push('closed');
        }
      }
      const before = now();

      await scope(async () => {
        const boundary = new Boundary();
        const [there] = boundary.cross(careful());
        await there.next();
        await boundary.finish();
      });

      expect([log, now() - before]).toEqual([['closed'], 100]);
    }));

  it.each(STUCK)('that nobody can end is reported after its grace: $name', (kind) =>
    virtual(async () => {
      const warnings = vi.spyOn(process, 'emitWarning').mockReturnValue();
      const silent = await kind.make(['a', 'b']);
      const before = now();

      await scope(async () => {
        const { boundary, there } = await reading(silent);
        detached(() => there.return?.().catch(() => undefined));
        await boundary.finish();
        await sleep(1);
      });

      expect(now() - before).toBe(5000);
      expect(warnings.mock.calls.map(([warning]) => warning)).toEqual([expect.any(StuckTasks)]);
      expect(String(warnings.mock.calls[0]?.[0])).toContain('an iterator in a worker');
      warnings.mockRestore();
      silent.end?.();
    }),
  );
});
