/**
 * Sources as programs have them: each kind gives its items in its own way, and can tell afterwards whether it was closed.
 *
 * @module
 */
import { EventEmitter, on } from 'node:events';
import { createInterface } from 'node:readline';
import { PassThrough, Readable } from 'node:stream';
import { Broadcast, channel, detached, every, Queue, sleep } from 'skein';
import type { Source } from './model.ts';
import type { World } from './world.ts';

/** A source that was made, and what is known of it. */
export interface Made {
  readonly source: Iterable<unknown> | AsyncIterable<unknown>;
  /** Which item that is; undefined where it does not show. */
  which(item: unknown): number | undefined;
  /** What is open, though nobody reads it any more; undefined: nothing. */
  left(): string | undefined;
  /** Lets go of what nobody has read. */
  drop(): void;
}

/** What a source is made from. */
export interface Making {
  readonly world: World;
  readonly node: Source;
  /** The item of an index. */
  readonly item: (index: number) => unknown;
  /** What it fails with. */
  readonly error: Error;
  readonly notes: SourceNotes;
}

/** What a source notes while it is read. */
export interface SourceNotes {
  /** When it came to its end, or failed. */
  endedAt: number | undefined;
  /** When its clean-up ran, where it has one. */
  closedAt: number | undefined;
  /** It has failed. */
  failed: boolean;
  /** Its clean-up has failed. */
  closedBadly?: boolean;
}

/** Makes a source of a flow's own; those that are flows are made by whoever makes flows. */
export function makeSource(making: Making): Made {
  const made = MAKERS[making.node.of](making);
  return {
    source: made.source,
    which: made.which ?? ((item) => item as number),
    left: made.left ?? (() => undefined),
    drop: made.drop ?? (() => undefined),
  };
}

type Maker = (making: Making) => Pick<Made, 'source'> & Partial<Made>;

const MAKERS: Readonly<Record<Source['of'], Maker>> = {
  array: ({ node, item }) => ({ source: Array.from({ length: node.items }, (_, i) => item(i)) }),
  generator: synchronous,
  sleeper: (making) =>
    asynchronous(
      making,
      () => sleep(making.node.gap),
      () => sleep(Infinity),
    ),
  catcher: (making) =>
    asynchronous(
      making,
      () => sleep(making.node.gap),
      () => sleep(Infinity),
      true,
    ),
  foreigner: (making) => asynchronous(making, () => making.world.later(making.node.gap), never),
  deaf: (making) => asynchronous(making, () => making.world.later(making.node.gap), never),
  bare,
  queue,
  channel: channelOf,
  broadcast,
  // Ticks that a slow consumer missed are left out.
  every: ({ node }) => ({ source: every(Math.max(1, node.gap)), which: () => undefined }),
  readable,
  piped,
  web,
  on: emitted,
  readline: lines,
  flow: () => {
    throw new TypeError('A flow is made by its own function');
  },
};

function never(): Promise<never> {
  return new Promise(() => undefined);
}

function synchronous({ world, node, item, error, notes }: Making): ReturnType<Maker> {
  let open = false;
  function* generate(): Generator<unknown> {
    open = true;
    try {
      for (let i = 0; i < node.items; i++) yield item(i);
      end(world, node, error, notes);
    } finally {
      open = false;
      close(world, node, error, notes);
    }
  }
  return { source: generate(), left: () => (open ? 'the generator was not closed' : undefined) };
}

function asynchronous(
  { world, node, item, error, notes }: Making,
  step: () => Promise<unknown>,
  forever: () => Promise<unknown>,
  catches = false,
): ReturnType<Maker> {
  let open = false;
  const wait = async (way: () => Promise<unknown>): Promise<boolean> => {
    try {
      await way();
      return true;
    } catch (cancelled) {
      if (catches) return false;
      throw cancelled;
    }
  };
  async function* generate(): AsyncGenerator<unknown> {
    open = true;
    try {
      for (let i = 0; i < node.items; i++) {
        if (!(await wait(step))) return;
        yield item(i);
      }
      if (node.last === 'silence') await wait(forever);
      else end(world, node, error, notes);
    } finally {
      open = false;
      close(world, node, error, notes);
    }
  }
  return { source: generate(), left: () => (open ? 'the generator was not closed' : undefined) };
}

/** It has come to its end, or fails. */
function end(world: World, node: Source, error: Error, notes: SourceNotes): void {
  notes.endedAt = world.now;
  notes.failed = node.last === 'fail';
  if (notes.failed) throw error;
}

/** What is in its `finally`. */
function close(world: World, node: Source, error: Error, notes: SourceNotes): void {
  notes.closedAt = world.now;
  notes.closedBadly = node.closes === 'badly' && notes.endedAt === undefined;
  if (notes.closedBadly) throw error;
}

/** Nothing can close it but its own waits. */
function bare({ world, node, item, error, notes }: Making): ReturnType<Maker> {
  let next = 0;
  const iterator: AsyncIterator<unknown> = {
    async next() {
      await sleep(node.gap);
      if (next < node.items) return { value: item(next++), done: false };
      if (node.last === 'silence') await sleep(Infinity);
      end(world, node, error, notes);
      return { value: undefined, done: true };
    },
  };
  return { source: { [Symbol.asyncIterator]: () => iterator } };
}

/** Gives the items from outside, each in its time, and then the end. */
function feed(
  { world, node, item, error, notes }: Making,
  put: (item: unknown) => void,
  end: (error?: Error) => void,
): void {
  const finish = (): void => {
    if (node.last === 'silence') return;
    notes.failed = node.last === 'fail';
    notes.endedAt = world.now;
    end(notes.failed ? error : undefined);
  };
  const step = (i: number): void => {
    if (i === node.items) finish();
    else put(item(i));
    if (i < node.items) next(i + 1);
  };
  const next = (i: number): void => {
    if (node.gap === 0) step(i);
    else world.after(node.gap, () => step(i));
  };
  next(0);
}

const WAITED_FOR = 'somebody still waits for an item';

function queue(making: Making): ReturnType<Maker> {
  const items = new Queue<unknown>();
  feed(
    making,
    (item) => items.tryPut(item),
    (error) => items.close(error),
  );
  return { source: items, left: () => (items.stats().waitingGet > 0 ? WAITED_FOR : undefined) };
}

function channelOf(making: Making): ReturnType<Maker> {
  const { tx, rx } = channel<unknown>(Infinity);
  feed(
    making,
    (item) => void detached(() => tx.send(item)),
    (error) => tx.close(error),
  );
  return { source: rx, left: () => (rx.stats().waitingReceive > 0 ? WAITED_FOR : undefined) };
}

function broadcast(making: Making): ReturnType<Maker> {
  const news = new Broadcast<unknown>({ capacity: -1 });
  const rx = news.subscribe();
  feed(
    making,
    (item) => void detached(() => news.publish(item)),
    () => news.close(),
  );
  return { source: rx, left: () => (rx.stats().waitingReceive > 0 ? WAITED_FOR : undefined) };
}

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

function readable(making: Making): ReturnType<Maker> {
  const source = new Readable({ objectMode: true, read() {} });
  return stream(
    making,
    source,
    (item) => source.push(item),
    () => source.push(null),
  );
}

function piped(making: Making): ReturnType<Maker> {
  const source = new PassThrough({ objectMode: true });
  return stream(
    making,
    source,
    (item) => source.write(item),
    () => source.end(),
  );
}

function web(making: Making): ReturnType<Maker> {
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

function emitted(making: Making): ReturnType<Maker> {
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

function lines(making: Making): ReturnType<Maker> {
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
