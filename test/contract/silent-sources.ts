/**
 * Silent sources of every kind that needs nothing but memory: events, our own, generators, iterators written by hand.
 *
 * @module
 */
import { EventEmitter, on } from 'node:events';
import { setTimeout as hostTimeout } from 'node:timers/promises';
import {
  asCompleted,
  Broadcast,
  cancellable,
  channel,
  currentSignal,
  every,
  isCancelled,
  mapStream,
  Queue,
  sleep,
  sleepForever,
  until,
} from 'skein';
import { filled, generating, type Silent, type SilentKind } from './silent-kind.ts';
import { STREAMS } from './silent-streams.ts';

const never = new Promise<never>(() => undefined);

/** Emits once somebody listens, and after each other. */
function emitting(
  target: { emit(item: unknown): void; listeners(): number },
  items: readonly unknown[],
): void {
  const left = [...items];
  const emit = (): void => {
    if (target.listeners() > 0 && left.length > 0) target.emit(left.shift());
    if (left.length > 0) setImmediate(emit);
  };
  emit();
}

const events: readonly SilentKind[] = [
  {
    name: 'events of an EventEmitter',
    gives: 'its own',
    fails: true,
    make(items) {
      const emitter = new EventEmitter();
      const source = on(emitter, 'item');
      emitting(
        {
          emit: (item) => emitter.emit('item', item),
          listeners: () => emitter.listenerCount('item'),
        },
        items,
      );
      return {
        source,
        closed: () => emitter.eventNames().length === 0,
        fail: (error) => emitter.emit('error', error),
      };
    },
  },
  {
    name: 'events of an EventTarget',
    gives: 'its own',
    make(items) {
      let listeners = 0;
      const target = new (class extends EventTarget {
        override addEventListener(...args: Parameters<EventTarget['addEventListener']>): void {
          listeners++;
          super.addEventListener(...args);
        }

        override removeEventListener(
          ...args: Parameters<EventTarget['removeEventListener']>
        ): void {
          listeners--;
          super.removeEventListener(...args);
        }
      })();
      const source = on(target as never, 'item');
      for (const item of items) target.dispatchEvent(new CustomEvent('item', { detail: item }));
      return { source, closed: () => listeners <= 0 };
    },
  },
];

const ours: readonly SilentKind[] = [
  {
    name: 'a Queue',
    gives: 'anything',
    fails: true,
    make(items) {
      const queue = new Queue<unknown>();
      for (const item of items) queue.tryPut(item);
      return {
        source: queue,
        closed: () => queue.stats().waitingGet === 0,
        fail: (error) => queue.close(error),
      };
    },
  },
  {
    name: 'a Receiver',
    gives: 'anything',
    fails: true,
    make(items) {
      const { tx, rx } = channel<unknown>(10);
      for (const item of items) tx.trySend(item);
      return {
        source: rx,
        closed: () => rx.stats().waitingReceive === 0,
        fail: (error) => tx.close(error),
      };
    },
  },
  {
    name: 'the stream of a Receiver',
    gives: 'anything',
    make(items) {
      const { tx, rx } = channel<unknown>(10);
      for (const item of items) tx.trySend(item);
      return { source: rx.readable, closed: () => rx.closed && !rx.readable.locked };
    },
  },
  {
    name: 'a subscription',
    gives: 'anything',
    async make(items) {
      const broadcast = new Broadcast<unknown>();
      const source = broadcast.subscribe();
      for (const item of items) await broadcast.publish(item);
      return { source, closed: () => source.stats().waitingReceive === 0 };
    },
  },
  {
    name: 'every',
    gives: 'its own',
    make: () => ({ source: every('24h'), closed: () => true }),
  },
  {
    name: 'a flow',
    gives: 'anything',
    make(items) {
      const { source, closed } = generating('', sleepForever).make(items) as Silent;
      return { source: mapStream(source, (item) => item), closed };
    },
  },
  {
    name: 'a flow over a stream',
    gives: 'anything',
    make(items) {
      const stream = filled(items);
      return { source: mapStream(stream, (item) => item), closed: () => stream.destroyed };
    },
  },
  {
    name: 'asCompleted',
    gives: 'its own',
    make(items) {
      let running = items.length + 1;
      const done = (): void => {
        running--;
      };
      const jobs = [...items.map(() => async () => undefined), sleepForever];
      const source = asCompleted(jobs.map((job) => () => job().finally(done)));
      return { source, closed: () => running === 0 };
    },
  },
];

const generators: readonly SilentKind[] = [
  generating('a generator that sleeps', () => sleep('24h')),
  generating('a generator that takes from a queue', () => new Queue<unknown>().get()),
  generating('a generator that swallows its cancellation', () =>
    sleepForever().catch(() => 'so what'),
  ),
  generating('a generator in until', () => until(never)),
  generating('a generator in cancellable', () =>
    cancellable((signal) => hostTimeout(86_400_000, undefined, { signal })),
  ),
  generating('a generator that hands its signal on', () =>
    hostTimeout(86_400_000, undefined, { signal: currentSignal() }),
  ),
  generating('a generator that rejects with an error of its own when it is cancelled', () =>
    sleepForever().catch((error: unknown) => {
      throw isCancelled(error) ? error : new Error('not a cancellation');
    }),
  ),
  {
    name: 'a generator over a flow over a stream',
    gives: 'anything',
    make(items) {
      const stream = filled(items);
      async function* wrap(): AsyncGenerator<unknown> {
        for await (const item of mapStream(stream, (chunk) => chunk)) yield item;
      }
      return { source: wrap(), closed: () => stream.destroyed };
    },
  },
];

/** A hand-written iterator. */
function written(name: string, withReturn: boolean, endsRead: boolean): SilentKind {
  return {
    name,
    gives: 'anything',
    make(items) {
      const left = [...items];
      let closed = !withReturn;
      let end: (result: IteratorResult<unknown>) => void = () => undefined;
      const next = (): Promise<IteratorResult<unknown>> =>
        new Promise((resolve) => {
          if (left.length > 0) resolve({ done: false, value: left.shift() });
          else end = resolve;
        });
      const result = { done: true, value: undefined } as const;
      const leave = async (): Promise<IteratorResult<unknown>> => {
        closed = true;
        if (endsRead) end(result);
        return result;
      };
      const iterator = withReturn ? { next, return: leave } : { next };
      return { source: { [Symbol.asyncIterator]: () => iterator }, closed: () => closed };
    },
  };
}

/** All of them. */
export const SILENT: readonly SilentKind[] = [
  ...STREAMS,
  ...events,
  ...ours,
  ...generators,
  written('an iterator whose return() ends the read', true, true),
  written('an iterator whose return() leaves the read', true, false),
  written('an iterator without return()', false, false),
];

/** Those that nobody can end. */
export const STUCK: readonly SilentKind[] = [
  generating('a generator that waits for something foreign', () => never),
  {
    name: 'a generator over a stream',
    gives: 'anything',
    make(items) {
      const stream = filled(items);
      async function* wrap(): AsyncGenerator<unknown> {
        for await (const item of stream) yield item;
      }
      return { source: wrap(), closed: () => false, end: () => stream.destroy() };
    },
  },
  {
    name: 'an operator of a stream',
    gives: 'anything',
    make(items) {
      const stream = filled(items);
      return {
        source: stream.map((item: unknown) => item),
        closed: () => false,
        end: () => stream.destroy(),
      };
    },
  },
];
