/**
 * What a source is that gives what it is told to and then says nothing, and the simplest of them.
 *
 * @module
 */
import { PassThrough } from 'node:stream';

/** One silent source. */
export interface Silent {
  readonly source: AsyncIterable<unknown>;
  /** Whether it is closed, and nothing is open, locked or listening that was for it alone. */
  closed(): boolean;
  /** Makes it fail now, where it can. */
  fail?(error: Error): void;
  /** Ends what belongs to the test and not to the source. */
  end?(): void;
}

/** How sources of a kind are made. */
export interface SilentKind {
  readonly name: string;
  /** What it gives: any values, texts, or values of its own. */
  readonly gives: 'anything' | 'texts' | 'its own';
  /** Whether it can be made to fail. */
  readonly fails?: true;
  make(items: readonly unknown[]): Silent | Promise<Silent>;
}

/** An asynchronous generator that waits in a way of its own after its items. */
export function generating(name: string, wait: () => PromiseLike<unknown>): SilentKind {
  return {
    name,
    gives: 'anything',
    make(items) {
      let closed = false;
      async function* generate(): AsyncGenerator<unknown> {
        try {
          yield* items;
          await wait();
        } finally {
          closed = true;
        }
      }
      return { source: generate(), closed: () => closed };
    },
  };
}

/** A stream of Node with items in it. */
export function filled(items: readonly unknown[]): PassThrough {
  const stream = new PassThrough({ objectMode: true, highWaterMark: 100 });
  for (const item of items) stream.write(item);
  return stream;
}
