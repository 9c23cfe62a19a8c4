/**
 * Silent streams of every kind that needs nothing but memory.
 *
 * @module
 */
import { createInterface } from 'node:readline';
import { PassThrough, Readable } from 'node:stream';
import { sleepForever } from 'skein';
import { filled, generating, type Silent, type SilentKind } from './silent-kind.ts';

function filledWeb(
  items: readonly unknown[],
  seen: { reason?: unknown; cancelled: boolean },
): { stream: ReadableStream<unknown>; fail(error: Error): void } {
  let controller: ReadableStreamDefaultController<unknown> | undefined;
  const stream = new ReadableStream<unknown>({
    start(given) {
      controller = given;
      for (const item of items) given.enqueue(item);
    },
    cancel(reason) {
      Object.assign(seen, { reason, cancelled: true });
    },
  });
  return { stream, fail: (error) => controller?.error(error) };
}

/** All of them. */
export const STREAMS: readonly SilentKind[] = [
  {
    name: 'a Readable',
    gives: 'anything',
    fails: true,
    make(items) {
      const source = new Readable({ objectMode: true, read: () => undefined });
      for (const item of items) source.push(item);
      return { source, closed: () => source.destroyed, fail: (error) => source.destroy(error) };
    },
  },
  {
    name: 'a PassThrough',
    gives: 'anything',
    fails: true,
    make(items) {
      const source = filled(items);
      return { source, closed: () => source.destroyed, fail: (error) => source.destroy(error) };
    },
  },
  {
    name: 'a stream that does not say when it has closed',
    gives: 'anything',
    make(items) {
      const source = new PassThrough({ objectMode: true, highWaterMark: 100, emitClose: false });
      for (const item of items) source.write(item);
      return { source, closed: () => source.destroyed };
    },
  },
  {
    name: 'the iterator of a PassThrough',
    gives: 'anything',
    make(items) {
      const stream = filled(items);
      return { source: stream[Symbol.asyncIterator](), closed: () => stream.destroyed };
    },
  },
  {
    name: 'a Readable of a generator',
    gives: 'anything',
    make(items) {
      const { source, closed } = generating('', sleepForever).make(items) as Silent;
      const stream = Readable.from(source);
      return { source: stream, closed: () => stream.destroyed && closed() };
    },
  },
  {
    name: 'a Readable of a web stream',
    gives: 'anything',
    make(items) {
      const seen = { cancelled: false };
      const { stream } = filledWeb(items, seen);
      return {
        source: Readable.fromWeb(stream as never, { objectMode: true }),
        closed: () => seen.cancelled,
      };
    },
  },
  {
    name: 'a web stream',
    gives: 'anything',
    fails: true,
    make(items) {
      const seen = { cancelled: false };
      const { stream, fail } = filledWeb(items, seen);
      return { source: stream, closed: () => seen.cancelled && !stream.locked, fail };
    },
  },
  {
    name: 'a web stream of bytes',
    gives: 'texts',
    make(items) {
      let cancelled = false;
      const stream = new ReadableStream({
        type: 'bytes',
        start(controller) {
          for (const item of items) controller.enqueue(new TextEncoder().encode(item as string));
        },
        cancel() {
          cancelled = true;
        },
      });
      return { source: stream, closed: () => cancelled && !stream.locked };
    },
  },
  {
    name: 'a TransformStream',
    gives: 'anything',
    make(items) {
      const { readable, writable } = new TransformStream<unknown, unknown>();
      const writer = writable.getWriter();
      let failed = false;
      writer.closed.catch(() => {
        failed = true;
      });
      for (const item of items) writer.write(item).catch(() => undefined);
      return { source: readable, closed: () => failed && !readable.locked };
    },
  },
  {
    name: 'a web stream of a PassThrough',
    gives: 'anything',
    make(items) {
      const stream = filled(items);
      return {
        source: Readable.toWeb(stream) as unknown as AsyncIterable<unknown>,
        closed: () => stream.destroyed,
      };
    },
  },
  {
    name: 'readline',
    gives: 'texts',
    make(items) {
      const input = new PassThrough();
      for (const item of items) input.write(`${item}\n`);
      const lines = createInterface({ input });
      let closed = false;
      lines.on('close', () => {
        closed = true;
      });
      return { source: lines, closed: () => closed && input.destroyed };
    },
  },
];
