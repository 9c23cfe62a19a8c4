/**
 * What a case of the engine contract is, and what it gets.
 *
 * @module
 */
import type { Engine } from '../../core/engine.ts';
import type { Journal } from './journal.ts';

/**
 * What an engine can do that another cannot, by its nature:
 * - `copies`: bodies run in another memory, arguments and results are copied;
 * - `queues`: what is beyond the capacity waits in a line of the engine;
 * - `kills`: what ignores its signal is ended after its grace, endless loops too;
 * - `closes`: a disposed engine takes nothing more.
 */
export type EngineTrait = 'copies' | 'queues' | 'kills' | 'closes';

/** What a case gets: a new engine of its own. */
export interface Bench {
  readonly engine: Engine;
  /** Where bodies note what they do. */
  readonly journal: Journal;
}

/** One case, before it knows its engine. */
export interface CaseBody {
  readonly name: string;
  /** What an engine must be able to do to have this case. */
  readonly needs?: readonly EngineTrait[];
  /** For engines that can *not* do this. */
  readonly unless?: EngineTrait;
  /** How many bodies the engine should run at once. Default 2. */
  readonly size?: number;
  body(bench: Bench): Promise<void>;
}
