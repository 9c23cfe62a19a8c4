/**
 * Whoever reads a source closes it: a read that is out ends at once, whatever ends the reading, and the call says that it was cut short.
 * One contract for all flows, for all kinds of sources.
 *
 * @module
 */
import { type MaybePromise, moveOnAfter, schedule, scope, sleep, timeout } from 'skein';
import { describe, expect, it } from 'vitest';
import {
  boom,
  type ClosingRow,
  caught,
  FLOWS,
  isAbort,
  type Reader,
  type Started,
  silentOf,
  timed,
  why,
} from './closing-readers.ts';
import type { Silent, SilentKind } from './silent-kind.ts';

/** Runs the contract for all flows. */
export function closingContract(row: ClosingRow): void {
  const { readers = FLOWS.map(({ name }) => name) } = row;
  describe.each(FLOWS.filter(({ name }) => readers.includes(name)))('$name', (reader) => {
    const kinds = row.kinds.filter(
      ({ gives }) => reader.takes === 'anything' || gives === 'anything',
    );
    describe.each(kinds)('over $name', (kind) => {
      cutShort(row, reader, kind);
      if (reader.stops) failing(row, reader, kind);
      if (kind.fails === true) failingSource(row, reader, kind);
      if (reader.stream !== undefined) leaving(row, reader as Required<Reader>, kind);
    });
  });
}

/** Ends it, which takes no time, and leaves nothing open. */
async function endsAtOnce(
  { isExact }: ClosingRow,
  silent: Silent,
  end: () => MaybePromise<unknown>,
): Promise<void> {
  const elapsed = await timed(async () => end());
  expect(silent.closed()).toBe(true);
  expect(elapsed).toBeLessThanOrEqual(isExact ? 0 : 2000);
  silent.end?.();
}

/** A call that has taken what there is, and waits for more. */
async function waiting(
  reader: Reader,
  kind: SilentKind,
): Promise<Started & { readonly end: Promise<unknown> }> {
  const started = await silentOf(kind, reader);
  const end = caught(reader.start(started.silent.source, started.job));
  await sleep(20);
  return { ...started, end };
}

function cutShort(row: ClosingRow, reader: Reader, kind: SilentKind): void {
  it('rejects when its signal is aborted', () =>
    row.inTime(async () => {
      const { silent, controller, end } = await waiting(reader, kind);

      await endsAtOnce(row, silent, () => {
        controller.abort(why);
        return end;
      });

      expect(isAbort(await end, why)).toBe(true);
    }));

  it('rejects when the time around it is over', () =>
    row.inTime(async () => {
      const { silent, job } = await silentOf(kind, reader);

      const end = caught(timeout(20, () => reader.start(silent.source, job)));
      await sleep(20);

      await endsAtOnce(row, silent, () => end);
      expect(await end).toMatchObject({ name: 'TimeoutError' });
    }));

  it('gives way to what there is instead', () =>
    row.inTime(async () => {
      const { silent, job } = await silentOf(kind, reader);

      const end = moveOnAfter(20, () => reader.start(silent.source, job), 'instead');
      await sleep(20);

      await endsAtOnce(row, silent, () => end);
      expect(await end).toBe('instead');
    }));

  it('is cancelled with its task', () =>
    row.inTime(async () => {
      const { silent, job } = await silentOf(kind, reader);
      const task = schedule(() => reader.start(silent.source, job));
      await sleep(20);

      await endsAtOnce(row, silent, () => {
        task.cancel(why);
        return task.settled();
      });

      expect(await task.settled()).toMatchObject({ status: 'cancelled', error: { reason: why } });
    }));

  it('is cancelled with its scope', () =>
    row.inTime(async () => {
      const { silent, job } = await silentOf(kind, reader);
      const end = caught(
        scope(async (s) => {
          s.spawn(() => sleep(20).then(() => s.cancel(why)));
          return reader.start(silent.source, job);
        }),
      );
      await sleep(20);

      await endsAtOnce(row, silent, () => end);
      expect(await end).toMatchObject({ name: 'AbortError', reason: why });
    }));
}

function failing(row: ClosingRow, reader: Reader, kind: SilentKind): void {
  it('ends with an error of the function', () =>
    row.inTime(async () => {
      const { silent, job } = await silentOf(kind, reader, () =>
        sleep(20).then(() => {
          throw boom;
        }),
      );
      const end = caught(reader.start(silent.source, job));
      await sleep(20);

      await endsAtOnce(row, silent, () => end);
      expect(originals(await end)).toContain(boom);
    }));
}

function failingSource(row: ClosingRow, reader: Reader, kind: SilentKind): void {
  it('ends with the error of a source that fails', () =>
    row.inTime(async () => {
      const { silent, end } = await waiting(reader, kind);

      silent.fail?.(why);

      expect(originals(await end)).toContain(why);
      silent.end?.();
    }));
}

function originals(error: unknown): readonly unknown[] {
  return [error, (error as Error).cause];
}

function leaving(row: ClosingRow, reader: Required<Reader>, kind: SilentKind): void {
  it.each([
    ['break', () => undefined, { resolved: 'left' }],
    ['an error', () => Promise.reject(boom), boom],
  ])('is left by %s', (_, leave, outcome) =>
    row.inTime(async () => {
      const { silent, job } = await silentOf(kind, reader);
      const loop = async (): Promise<string> => {
        for await (const _item of reader.stream(silent.source, job)) {
          await sleep(20);
          await leave();
          break;
        }
        return 'left';
      };

      const end = caught(loop());
      await sleep(20);

      await endsAtOnce(row, silent, () => end);
      expect(await end).toEqual(outcome);
    }),
  );

  it('is left by return() while a request is out', () =>
    row.inTime(async () => {
      const { silent, job } = await silentOf(kind, reader);
      const iterator = reader.stream(silent.source, job)[Symbol.asyncIterator]();
      const all = drain(iterator);
      await sleep(20);

      await endsAtOnce(row, silent, () => iterator.return?.());

      await all;
    }));

  it('is disposed of while somebody waits', () =>
    row.inTime(async () => {
      const { silent, job } = await silentOf(kind, reader);
      const flow = reader.stream(silent.source, job);
      const all = flow.toArray();
      await sleep(20);

      await endsAtOnce(row, silent, () => flow[Symbol.asyncDispose]());

      await all;
    }));

  it('is stopped with the scope in which it was made', () =>
    row.inTime(async () => {
      const { silent, job } = await silentOf(kind, reader);
      const { promise: body, resolve: leave } = Promise.withResolvers<void>();
      let all: Promise<unknown> | undefined;
      const around = scope(async () => {
        all = caught(drain(reader.stream(silent.source, job)[Symbol.asyncIterator]()));
        await body;
      });
      await sleep(20);

      await endsAtOnce(row, silent, () => {
        leave();
        return around;
      });

      expect(await all).toMatchObject({ name: 'AbortError' });
    }));
}

async function drain(iterator: AsyncIterator<unknown>): Promise<void> {
  while ((await iterator.next()).done !== true);
}
