/**
 * What closing does to a source besides ending its read, and what it leaves alone.
 *
 * @module
 */
import { createInterface } from 'node:readline';
import { Duplex, PassThrough } from 'node:stream';
import { concurrently, map, mapStream, sleep } from 'skein';
import { virtual } from 'skein/testing';
import { describe, expect, it } from 'vitest';
import { boom, caught, why } from '../contract/closing-readers.ts';

const pass = <T>(item: T): T => item;

/** A stream of Node with one chunk in it. */
function filled(options: { readonly objectMode?: boolean } = { objectMode: true }): PassThrough {
  const stream = new PassThrough(options);
  stream.write('a');
  return stream;
}

/** Leaves a flow over a source at its first item, while a read is out or before there is one. */
async function leave(source: AsyncIterable<unknown>, isReading: boolean): Promise<void> {
  const options = isReading ? {} : { concurrency: 1, buffer: 0 };
  for await (const _ of mapStream(source, pass, options)) {
    if (isReading) await sleep(10);
    break;
  }
}

describe('a web stream', () => {
  function web(seen: unknown[]): ReadableStream<string> {
    return new ReadableStream({
      start: (controller) => controller.enqueue('a'),
      cancel: (reason) => void seen.push(reason),
    });
  }

  it('hears why it is cancelled', () =>
    virtual(async () => {
      const seen: unknown[] = [];

      await leave(web(seen), true);
      const fail = async (): Promise<never> => {
        await sleep(10);
        throw boom;
      };
      await caught(map(web(seen), fail));
      const controller = new AbortController();
      const call = caught(map(web(seen), pass, { signal: controller.signal }));
      await sleep(10);
      controller.abort(why);
      await call;
      const waiter = concurrently(1, { source: web(seen) }, async ({ items }) => {
        for await (const _ of items);
      });
      await sleep(10);
      await waiter.stop();

      expect(seen).toEqual(['the consumer left', boom, why, 'the last copy has ended']);
    }));

  it('is not locked any more when it was read to its end, or has failed', async () => {
    const whole = new ReadableStream<number>({
      start(controller) {
        controller.enqueue(1);
        controller.close();
      },
    });
    const broken = new ReadableStream<number>({ start: (controller) => controller.error(boom) });

    expect(await map(whole, pass)).toEqual([1]);
    expect(await caught(map(broken, pass))).toBe(boom);

    expect([whole.locked, broken.locked]).toEqual([false, false]);
  });

  it('that is locked is refused as by for await', async () => {
    const stream = new ReadableStream<number>();
    const reader = stream.getReader();

    expect(await caught(map(stream, pass))).toBeInstanceOf(TypeError);

    reader.releaseLock();
  });

  it('is awaited until it has cancelled, and its failure to do so is told', async () => {
    let isOver = false;
    const slow = new ReadableStream<string>({
      start: (controller) => controller.enqueue('a'),
      async cancel() {
        await new Promise((done) => setTimeout(done, 5));
        isOver = true;
      },
    });
    const failing = new ReadableStream<string>({
      start: (controller) => controller.enqueue('a'),
      cancel: () => Promise.reject(boom),
    });

    await leave(slow, true);

    expect(isOver).toBe(true);
    expect(await caught(leave(failing, true))).toBe(boom);
    expect(failing.locked).toBe(false);
  });

  it('of a class with an iterator of its own is iterated by that', async () => {
    class Doubled extends ReadableStream<number> {
      override async *[Symbol.asyncIterator](): AsyncGenerator<number, undefined> {
        for await (const n of super[Symbol.asyncIterator]()) yield n * 2;
        return undefined;
      }
    }
    const stream = new Doubled({
      start(controller) {
        controller.enqueue(1);
        controller.close();
      },
    });

    expect(await map(stream, pass)).toEqual([2]);
  });

  it('given as values() is closed as that was asked for, when no read is out', () =>
    virtual(async () => {
      const seen: unknown[] = [];
      const kept = web(seen);

      await leave(kept.values({ preventCancel: true }), false);
      await leave(web(seen).values(), false);

      expect(seen).toEqual([undefined]);
      expect(kept.locked).toBe(false);
    }));
});

describe('a stream of Node', () => {
  it('is destroyed without an error event when a read is out', () =>
    virtual(async () => {
      const stream = filled();
      const events: string[] = [];
      for (const event of ['error', 'close', 'end']) stream.on(event, () => events.push(event));

      await leave(stream, true);

      expect(events).toEqual(['close']);
    }));

  it('of which no read is out is left as by for await', () =>
    virtual(async () => {
      const [left, kept] = [filled(), filled()];

      await leave(left, false);
      await leave(kept.iterator({ destroyOnReturn: false }), false);

      expect([left.destroyed, kept.destroyed]).toEqual([true, false]);
      kept.destroy();
    }));

  it('whose destruction fails says so', () =>
    virtual(async () => {
      const stream = new PassThrough({
        objectMode: true,
        destroy: (_, done) => done(boom),
      });
      const flow = mapStream(stream, pass);
      const all = flow.toArray();
      await sleep(10);

      await flow[Symbol.asyncDispose]();
      await all;

      expect(flow.errors).toEqual([boom]);
    }));

  it('is not what has a method of that name', () =>
    virtual(async () => {
      let destroyed = 0;
      const source = {
        destroy: () => destroyed++,
        async *[Symbol.asyncIterator]() {
          yield 1;
          await sleep('1h');
        },
      };

      await leave(source, true);

      expect(destroyed).toBe(0);
    }));
});

describe('the input of readline', () => {
  const leaveLines = async (input: PassThrough | Duplex): Promise<void> => {
    const left = leave(createInterface({ input }), true);
    // Lines that come before somebody listens are lost.
    input.push('a line\n');
    await left;
  };

  it('is destroyed with it if it is a transform, and left paused if it is stdin or a connection', () =>
    virtual(async () => {
      const transform = new PassThrough();
      const stdin = Object.assign(new PassThrough(), { fd: 0 });
      const connection = new Duplex({ read() {}, write: (_, __, done) => done() });

      for (const input of [transform, stdin, connection]) await leaveLines(input);

      expect([transform.destroyed, stdin.destroyed, connection.destroyed]).toEqual([
        true,
        false,
        false,
      ]);
      for (const input of [stdin, connection]) {
        expect([input.isPaused(), input.listenerCount('data')]).toEqual([true, 0]);
      }
      expect(connection.write('an answer')).toBe(true);
    }));
});
