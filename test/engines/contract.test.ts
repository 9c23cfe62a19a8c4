/**
 * The engine contract, run against every engine of this package that needs nothing but the host.
 *
 * @module
 */
import { loop } from 'skein';
import { engineContract } from 'skein/testing';
import { describe, it } from 'vitest';

const inPlace = {
  copies: 'it shares the memory of its caller',
  queues: 'a flow limits it; it has no line',
  kills: 'nothing can end a function of the same thread',
  closes: 'there is nothing to close',
};

describe('the contract of loop()', () => {
  for (const { name, skip, run } of engineContract(() => loop(), { lacks: inPlace })) {
    it.skipIf(skip !== undefined)(skip === undefined ? name : `${name} (skipped: ${skip})`, run);
  }
});
