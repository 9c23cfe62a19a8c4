/**
 * What a source is made from, and what is known of it then.
 *
 * @module
 */
import type { Token } from '../../src/core/token.ts';
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
  /** Where it was first read, where that is noted. */
  readBy?: Token;
  /** Its clean-up has failed. */
  closedBadly?: boolean;
}

/** Makes sources of one kind. What is left out: an item is its own index, nothing is left open, there is nothing to let go of. */
export type Maker = (making: Making) => Pick<Made, 'source'> & Partial<Made>;
