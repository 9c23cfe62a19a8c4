/**
 * Channels: what an item costs on its way from one task to another.
 *
 * @module
 */
import { once } from 'node:events';
import { type Case, numbersTo, type Work } from './case.ts';
import { aheadOfPeers, below } from './pledges.ts';
import { HandChannel } from './sync-floors.ts';

const CAPACITY = 16;

/** Sends from one task to another; counts what arrives. */
function skeinChannel(capacity: number): () => Promise<Work> {
  return async () => {
    const { channel, scope } = await import('../src/index.ts');
    return (input) =>
      scope(async (s) => {
        const { tx, rx } = channel<number>(capacity);
        s.spawn(async () => {
          for (const item of input) await tx.send(item);
          tx.close();
        });
        let items = 0;
        for await (const _ of rx) items++;
        return items;
      });
  };
}

async function skeinReceive(): Promise<Work> {
  const { channel, scope } = await import('../src/index.ts');
  return (input, items) =>
    scope(async (s) => {
      const { tx, rx } = channel<number>(CAPACITY);
      s.spawn(async () => {
        for (const item of input) await tx.send(item);
      });
      for (let item = 0; item < items; item++) await rx.receive();
      return items;
    });
}

async function skeinQueue(): Promise<Work> {
  const { Queue, scope } = await import('../src/index.ts');
  return (input, items) =>
    scope(async (s) => {
      const queue = new Queue<number>({ max: CAPACITY });
      s.spawn(async () => {
        for (const item of input) await queue.put(item);
      });
      for (let item = 0; item < items; item++) await queue.get();
      return items;
    });
}

async function handChannel(): Promise<Work> {
  return async (input, items) => {
    const channel = new HandChannel(CAPACITY);
    const sending = (async () => {
      for (const item of input) await channel.send(item);
    })();
    for (let item = 0; item < items; item++) await channel.receive();
    await sending;
    return items;
  };
}

async function effectQueue(): Promise<Work> {
  const { Effect, Queue } = await import('effect');
  return (input, items) =>
    Effect.runPromise(
      Effect.gen(function* () {
        const queue = yield* Queue.bounded<number>(CAPACITY);
        yield* Effect.forkChild(
          Effect.gen(function* () {
            for (const item of input) yield* Queue.offer(queue, item);
          }),
        );
        for (let item = 0; item < items; item++) yield* Queue.take(queue);
        return items;
      }),
    );
}

async function passThrough(): Promise<Work> {
  const { PassThrough } = await import('node:stream');
  return async (input) => {
    const stream = new PassThrough({ objectMode: true, highWaterMark: CAPACITY });
    const sending = (async () => {
      for (const item of input) if (!stream.write(item)) await once(stream, 'drain');
      stream.end();
    })();
    let items = 0;
    for await (const _ of stream) items++;
    await sending;
    return items;
  };
}

async function transformStream(): Promise<Work> {
  return async (input) => {
    const room = { highWaterMark: CAPACITY };
    const { readable, writable } = new TransformStream<number, number>({}, room, room);
    const sending = (async () => {
      const writer = writable.getWriter();
      for (const item of input) {
        await writer.ready;
        void writer.write(item);
      }
      await writer.close();
    })();
    let items = 0;
    for await (const _ of readable) items++;
    await sending;
    return items;
  };
}

async function readableStream(): Promise<Work> {
  return async (input) => {
    let items = 0;
    for await (const _ of ReadableStream.from(input)) items++;
    return items;
  };
}

/** What channels promise. */
export const cases: readonly Case[] = [
  {
    name: 'What does an item of a channel of capacity 16 cost?',
    measure: 'time',
    per: 'item',
    items: 100_000,
    repeat: 10,
    warmUp: { items: 20_000, repeat: 10 },
    input: numbersTo,
    contenders: [
      { name: 'skein channel(16), for await', role: 'ours', load: skeinChannel(CAPACITY) },
      { name: 'skein channel(16), receive', role: 'context', load: skeinReceive },
      { name: 'skein channel(0), for await', role: 'context', load: skeinChannel(0) },
      { name: 'skein Queue({ max: 16 }), get', role: 'context', load: skeinQueue },
      { name: 'floor: ring and promises', role: 'floor', load: handChannel },
      { name: 'Effect Queue.bounded(16)', role: 'peer', load: effectQueue },
      { name: 'node:stream PassThrough', role: 'context', load: passThrough, repeat: 3 },
      { name: 'TransformStream', role: 'context', load: transformStream, repeat: 1 },
      { name: 'ReadableStream.from', role: 'context', load: readableStream, repeat: 3 },
    ],
    promises: [below(600, 'ns', (own) => own.cpuNs), aheadOfPeers()],
  },
];
