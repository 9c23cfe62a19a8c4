/**
 * Takes what is thrown to another heap in each way there is.
 *
 * @module
 */
import v8 from 'node:v8';
import { decodeThrown, type EncodedThrown, encodeThrown } from '../../src/shipping/error-codec.ts';

/** The two ways to another heap. */
const ways: readonly { readonly way: string; readonly send: (value: unknown) => unknown }[] = [
  { way: 'a structured clone', send: structuredClone },
  { way: 'the serialization of processes', send: (value) => v8.deserialize(v8.serialize(value)) },
];

/** Checks what arrives, once for each way. */
export function throughEach(thrown: unknown, check: (arrived: unknown) => void): void {
  for (const { send } of ways) {
    check(decodeThrown(send(encodeThrown(thrown)) as EncodedThrown, undefined));
  }
}
