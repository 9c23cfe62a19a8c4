/**
 * What a body has given, on its way back: shared objects cannot go with it, because their call is over.
 *
 * @module
 */
import type { Transferred } from '../../core/engine.ts';
import { pack } from '../shared/pack.ts';
import { Thrown } from './host.ts';
import { partsToMove } from './move.ts';
import { smallCopy } from './small-copy.ts';

/** A result that can be sent. */
export interface ResultParcel {
  /** What of it is to be moved. */
  readonly transfer: readonly Transferred[] | undefined;
  /** What may wait for others to travel with; undefined for what has to leave at once, because the next body may change it. */
  readonly copy: object | undefined;
}

/** Looks at a result before it is sent, or says why it cannot be. */
export function resultParcel(value: unknown, name: string): ResultParcel | Thrown {
  try {
    pack([value], 'result', never, name);
    return { transfer: partsToMove([value], undefined), copy: smallCopy(value) };
  } catch (error) {
    return new Thrown(error);
  }
}

function never(): never {
  throw new Error('Cannot lend from a result');
}
