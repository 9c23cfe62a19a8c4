/**
 * Errors on their way through a shared object.
 *
 * @module
 */
import { isEncodedThrown } from '../../shipping/encoded-check.ts';
import { decodeThrown } from '../../shipping/error-codec.ts';
import { forged } from '../pool/forged.ts';

/** Makes the error out of what was thrown on the other side. Never throws: where nothing can have been thrown like that, the error says so. */
export function thrownElsewhere(encoded: unknown): unknown {
  return isEncodedThrown(encoded)
    ? decodeThrown(encoded, undefined)
    : forged('an error that nothing has thrown');
}
