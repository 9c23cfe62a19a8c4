/**
 * What a body has given, on its way back: shared objects cannot go with it, because their call is over.
 *
 * @module
 */
import type { Transferred } from '../../core/engine.ts';
import { pack } from '../shared/pack.ts';
import { Thrown } from './host.ts';
import { partsToMove } from './move.ts';

/** Looks at a result before it is sent. Gives what of it is to be moved, or why it cannot be sent. */
export function resultParcel(
  value: unknown,
  name: string,
): { readonly transfer: readonly Transferred[] | undefined } | Thrown {
  try {
    pack([value], 'result', never, name);
    return { transfer: partsToMove([value], undefined) };
  } catch (error) {
    return new Thrown(error);
  }
}

function never(): never {
  throw new Error('Cannot lend from a result');
}
