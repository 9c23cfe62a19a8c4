/**
 * Errors on their way through a shared object.
 *
 * @module
 */
import type { EncodedThrown } from '../../shipping/encoded.ts';
import { decodeThrown } from '../../shipping/error-codec.ts';

/** Makes the error out of what was thrown on the other side. */
export function thrownElsewhere(encoded: unknown): unknown {
  return decodeThrown(encoded as EncodedThrown, undefined);
}
