/**
 * Flows and copies over sources of all kinds, in virtual time.
 *
 * @module
 */
import { loop, sleep } from 'skein';
import { fibers } from 'skein/fiber';
import { virtual } from 'skein/testing';
import { beforeAll, describe } from 'vitest';
import { closingCopiesContract } from '../contract/closing-copies.ts';
import { closingContract } from '../contract/closing-flows.ts';
import { SILENT } from '../contract/silent-sources.ts';

// Bun does not say what is open: virtual time then waits half a second whenever a source is silent.
const isBun = 'Bun' in globalThis;
const row = {
  inTime: (body: () => Promise<void>) => (isBun ? body() : virtual(body)),
  isExact: !isBun,
  kinds: SILENT,
  ...(isBun && { readers: ['map', 'mapStream'] }),
  settle: () => sleep(20),
};

describe('closing a silent source', () => {
  closingContract(row);

  describe('copies on the loop', () => {
    closingCopiesContract({ ...row, engine: loop });
  });

  describe('copies on fibers', () => {
    // A body must start within a turn.
    beforeAll(() => fibers().submit(() => undefined, [], {}));

    closingCopiesContract({ ...row, engine: fibers });
  });
});
