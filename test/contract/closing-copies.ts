/**
 * The contract of closing for the copies of `concurrently`, on any engine.
 *
 * @module
 */
import {
  type CopyBody,
  concurrently,
  type EngineSource,
  type MaybePromise,
  schedule,
  scope,
  type Waiter,
} from 'skein';
import { describe, expect, it } from 'vitest';
import {
  type ClosingRow,
  caught,
  GRACE,
  isAbort,
  silentOf,
  timed,
  why,
} from './closing-readers.ts';
import type { Silent, SilentKind } from './silent-kind.ts';
import * as plain from './taking-bodies.ts';

/** Copies on one engine. */
export interface ClosingCopiesRow extends ClosingRow {
  readonly engine: EngineSource;
  /** Waits until copies have taken what there is, and wait for more. */
  readonly settle: () => Promise<unknown>;
  /** Bodies that this engine can run. Default: those of `taking-bodies.ts`. */
  readonly bodies?: Bodies;
}

type Bodies = Readonly<Record<'takeAll' | 'failAtOne' | 'firstFails', CopyBody>>;

interface Begun {
  readonly silent: Silent;
  readonly waiter: Waiter;
}

/** Runs the contract for copies on one engine. */
export function closingCopiesContract(row: ClosingCopiesRow): void {
  describe.each(row.kinds)('over $name', (kind) => {
    endedByTheHolder(row, kind);
    cutShort(row, kind);
    endedByFailures(row, kind);
  });
}

async function begin(
  { engine, bodies = plain }: ClosingCopiesRow,
  kind: SilentKind,
  body: keyof Bodies = 'takeAll',
  signal?: AbortSignal,
): Promise<Begun> {
  const { silent } = await silentOf(kind, { takes: 'anything' });
  const options = { engine, source: silent.source, signal, grace: GRACE };
  return { silent, waiter: concurrently(2, options, bodies[body]) };
}

/** Ends it, which takes no time, and leaves nothing open. */
async function endsAtOnce(
  { isExact }: ClosingCopiesRow,
  { silent }: Begun,
  end: () => MaybePromise<unknown>,
): Promise<void> {
  const elapsed = await timed(async () => end());
  expect(silent.closed()).toBe(true);
  expect(elapsed).toBeLessThanOrEqual(isExact ? 0 : 2000);
  silent.end?.();
}

function endedByTheHolder(row: ClosingCopiesRow, kind: SilentKind): void {
  it.each(['stop', Symbol.asyncDispose] as const)('%s ends them, and that is no error', (leave) =>
    row.inTime(async () => {
      const begun = await begin(row, kind);
      await row.settle();

      await endsAtOnce(row, begun, () => begun.waiter[leave]());

      expect(begun.waiter.exceptions).toEqual([]);
      await begun.waiter();
    }),
  );
}

function cutShort(row: ClosingCopiesRow, kind: SilentKind): void {
  it('an aborted signal cuts them short', () =>
    row.inTime(async () => {
      const controller = new AbortController();
      const begun = await begin(row, kind, 'takeAll', controller.signal);
      await row.settle();

      controller.abort(why);
      let error: unknown;
      await endsAtOnce(row, begun, async () => {
        error = await caught(begun.waiter());
      });

      expect(isAbort(error, why)).toBe(true);
    }));

  it('the end of the scope cuts them short', () =>
    row.inTime(async () => {
      const { promise: made, resolve: make } = Promise.withResolvers<Begun>();
      const { promise: body, resolve: leave } = Promise.withResolvers<void>();
      const around = scope(async () => {
        make(await begin(row, kind));
        await row.settle();
        await body;
      });
      const begun = await made;
      await row.settle();
      await row.settle();

      await endsAtOnce(row, begun, () => {
        leave();
        return around;
      });

      expect(await caught(begun.waiter())).toMatchObject({ name: 'AbortError' });
      expect(begun.waiter.exceptions).toEqual([]);
    }));

  it('a cancellation of the scope cuts them short', () =>
    row.inTime(async () => {
      const { promise, resolve } = Promise.withResolvers<Begun>();
      const task = schedule(() =>
        scope(async () => {
          const made = await begin(row, kind);
          resolve(made);
          await made.waiter();
        }),
      );
      const begun = await promise;
      await row.settle();

      await endsAtOnce(row, begun, () => {
        task.cancel(why);
        return task.settled();
      });

      expect(await task.settled()).toMatchObject({ status: 'cancelled', error: { reason: why } });
      expect(await caught(begun.waiter())).toMatchObject({ reason: why });
      expect(begun.waiter.exceptions).toEqual([]);
    }));
}

function endedByFailures(row: ClosingCopiesRow, kind: SilentKind): void {
  it('copies that have all failed leave nothing open', () =>
    row.inTime(async () => {
      const begun = await begin(row, kind, 'failAtOne');

      await caught(begun.waiter());

      await endsAtOnce(row, begun, () => undefined);
      expect(begun.waiter.exceptions.map(String)).toEqual(['Error: boom', 'Error: boom']);
    }));

  it('one that fails hard ends them', () =>
    row.inTime(async () => {
      const begun = await begin(row, kind, 'firstFails');

      const error = await caught(begun.waiter({ failHard: true }));

      await endsAtOnce(row, begun, () => undefined);
      expect(String(error)).toBe('Error: boom');
      expect(begun.waiter.exceptions).toEqual([error]);
    }));

  if (kind.fails !== true) return;
  it('a source that fails is an error of all that ask', () =>
    row.inTime(async () => {
      const begun = await begin(row, kind);
      await row.settle();

      begun.silent.fail?.(why);
      await caught(begun.waiter());

      expect(begun.waiter.exceptions.map(String)).toEqual(['Error: why', 'Error: why']);
      begun.silent.end?.();
    }));
}
