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

/** Looks at a result that leaves at once. Gives what of it is to be moved, or says why it cannot be sent. */
export function partsOfResult(
  value: unknown,
  name: string,
): readonly Transferred[] | undefined | Thrown {
  return looked(value, name, () => partsToMove([value], undefined));
}

/** Looks at a result that may wait for others to travel with. Gives its copy; undefined when it has to leave at once, because the next body may change it. */
export function copyOfResult(value: unknown, name: string): object | undefined | Thrown {
  return looked(value, name, () => smallCopy(value));
}

function looked<T>(value: unknown, name: string, found: () => T): T | Thrown {
  try {
    pack([value], 'result', never, name);
    return found();
  } catch (error) {
    return new Thrown(error);
  }
}

function never(): never {
  throw new Error('Cannot lend from a result');
}
