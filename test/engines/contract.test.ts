/**
 * The engine contract, run against every engine of this package that needs nothing but the host.
 *
 * @module
 */
import { loop } from 'skein';
import { fibers } from 'skein/fiber';
import { type ContractCase, engineContract } from 'skein/testing';
import { describe, it } from 'vitest';
import { POOLS } from './pools.ts';

/** What no engine can that runs bodies in this memory. */
const inPlace = {
  copies: 'it shares the memory of its caller',
  queues: 'a flow limits it; it has no line',
  kills: 'nothing can end a function of the same thread',
};

function contractOf(name: string, cases: readonly ContractCase[]): void {
  describe(`the contract of ${name}`, () => {
    for (const { name, skip, run } of cases) {
      it.skipIf(skip !== undefined)(skip === undefined ? name : `${name} (skipped: ${skip})`, run);
    }
  });
}

contractOf(
  'loop()',
  engineContract(() => loop(), { lacks: { ...inPlace, closes: 'there is nothing to close' } }),
);
contractOf(
  'fibers()',
  engineContract(() => fibers({}), { lacks: inPlace }),
);
for (const { name, make } of POOLS) {
  contractOf(
    `${name}()`,
    // However slow the machine, no body is killed before it has seen that it should stop, but where a case asks for it.
    engineContract((size) => make({ size, grace: Number.POSITIVE_INFINITY })),
  );
}
