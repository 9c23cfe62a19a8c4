/**
 * The two ends of a pump: the work that goes in, the sink that outcomes go to.
 *
 * @module
 */
import type { Source } from '../core/source.ts';
import type { Mapper } from './options.ts';

/** What a pump needs besides the options. */
export interface Work<T, R> {
  readonly source: Source<T>;
  readonly body: Mapper<T, R>;
  /** Refuses an item that cannot be one; what it throws is the item's failure, and is never retried. */
  readonly check?: (item: T, index: number) => void;
  /** Keeps one item pulled while all lanes are busy. */
  readonly pullsAhead?: boolean;
  /** What a failure of the source is reported as. */
  readonly sourceError?: (error: unknown) => unknown;
  /** What a failure of the body is reported as. */
  readonly bodyError?: (error: unknown, index: number) => unknown;
}

/** Where outcomes go. */
export interface Sink<R> {
  value(index: number, value: R): void;
  /** An input has failed for good and the flow goes on. */
  error(index: number, error: unknown): void;
  /** Everything has ended; called once. */
  end(): void;
  /** Results that the consumer has not taken. */
  readonly waiting: number;
  /** Errors are handed out like results. */
  readonly takesErrors: boolean;
}
