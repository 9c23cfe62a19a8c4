/**
 * The sources of the host: streams, events, lines.
 *
 * @module
 */
import { EventEmitter, on } from 'node:events';
import { createInterface } from 'node:readline';
import { PassThrough, Readable } from 'node:stream';
import { feed } from './feed.ts';
import type { Maker, Making } from './making.ts';

type Give = ReturnType<Maker>;

function stream(making: Making, source: Readable, put: (item: unknown) => void, end: () => void) {
  // Of a stream that fails before anybody reads it, and of one that is read no more.
  source.on('error', () => undefined);
  feed(
    making,
    (item) => {
      if (!source.destroyed) put(item);
    },
    (error) => {
      if (error !== undefined) source.destroy(error);
      else if (!source.destroyed) end();
    },
  );
  const left = (): string | undefined => (source.destroyed ? undefined : 'the stream is open');
  return { source, left, drop: () => source.destroy() };
}

export function readable(making: Making): Give {
  const source = new Readable({ objectMode: true, read() {} });
  return stream(
    making,
    source,
    (item) => source.push(item),
    () => source.push(null),
  );
}

export function piped(making: Making): Give {
  const source = new PassThrough({ objectMode: true });
  return stream(
    making,
    source,
    (item) => source.write(item),
    () => source.end(),
  );
}

export function web(making: Making): Give {
  let open = true;
  let controller: ReadableStreamDefaultController<unknown> | undefined;
  const source = new ReadableStream<unknown>({
    start(given) {
      controller = given;
    },
    cancel() {
      open = false;
    },
  });
  feed(
    making,
    (item) => open && controller?.enqueue(item),
    (error) => {
      if (open && error !== undefined) controller?.error(error);
      else if (open) controller?.close();
      open = false;
    },
  );
  const left = (): string | undefined => {
    if (source.locked) return 'the stream is locked';
    return open ? 'the stream was not cancelled' : undefined;
  };
  return { source, left };
}

export function emitted(making: Making): Give {
  const emitter = new EventEmitter();
  const source = on(emitter, 'item', { close: ['end'] });
  const listeners = (): number =>
    ['item', 'error', 'end'].reduce((sum, event) => sum + emitter.listenerCount(event), 0);
  feed(
    making,
    (item) => emitter.emit('item', item),
    (error) => {
      if (error === undefined) emitter.emit('end');
      else if (emitter.listenerCount('error') > 0) emitter.emit('error', error);
    },
  );
  return {
    source,
    which: (item) => (item as number[])[0],
    left: () => (listeners() > 0 ? `${listeners()} listeners` : undefined),
    drop: () => void source.return?.(),
  };
}

export function lines(making: Making): Give {
  const input = new PassThrough();
  let open = true;
  const source = createInterface({ input });
  source.on('close', () => {
    open = false;
  });
  const start = (): void =>
    feed(
      making,
      (item) => open && input.write(`${item}\n`),
      () => open && input.end(),
    );
  // Lines that come before anybody listens are lost: that is how readline is.
  let isRead = false;
  source.on('newListener', (event) => {
    if (event !== 'line' || isRead) return;
    isRead = true;
    queueMicrotask(start);
  });
  return {
    source,
    which: (item) => Number(item),
    left: () => (open ? 'the interface is open' : undefined),
    drop: () => source.close(),
  };
}
