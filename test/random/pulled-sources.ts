/**
 * Sources that work when they are asked: generators of all manners, and a bare iterator.
 *
 * @module
 */
import { every, sleep } from 'skein';
import { currentToken } from '../../src/core/token.ts';
import type { Maker, Making, SourceNotes } from './making.ts';
import type { Source } from './model.ts';
import type { World } from './world.ts';

type Give = ReturnType<Maker>;

/** An array. */
export const array: Maker = ({ node, item }) => ({
  source: Array.from({ length: node.items }, (_, i) => item(i)),
});

/** An async generator with waits of the library. */
export const sleeper: Maker = (making) => asynchronous(making, libraryWaits(making));

/** The same, and it takes its cancellation for the end. */
export const catcher: Maker = (making) => asynchronous(making, libraryWaits(making), true);

/** An async generator with waits outside, which nobody can end if they do not end by themselves. */
export const foreigner: Maker = (making) => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const step = (): Promise<void> => making.world.later(making.node.gap);
  return { ...asynchronous(making, { step, forever: () => promise }), drop: resolve };
};

/** `every`. Ticks that a slow consumer missed are left out. */
export const ticks: Maker = ({ node }) => ({
  source: every(Math.max(1, node.gap)),
  which: () => undefined,
});

interface Waits {
  step(): Promise<unknown>;
  forever(): Promise<unknown>;
}

function libraryWaits({ node }: Making): Waits {
  return { step: () => sleep(node.gap), forever: () => sleep(Infinity) };
}

/** A plain generator. */
export function synchronous({ world, node, item, error, notes }: Making): Give {
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
  { step, forever }: Waits,
  catches = false,
): Give {
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
    notes.readBy = currentToken();
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
export function bare({ world, node, item, error, notes }: Making): Give {
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
