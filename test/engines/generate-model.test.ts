/**
 * A generator in a worker against the same generator here: whatever is asked, both answer the same.
 *
 * @module
 */
import fc from 'fast-check';
import { generateIn } from 'skein';
import { describe, expect, it } from 'vitest';
import * as bodies from './fixtures/generators.ts';
import { POOLS, withSharedPool } from './pools.ts';

/** What is asked, and whether the answer is awaited before the next is asked. */
type Request = readonly ['next' | 'throw' | 'return', string, boolean];

type Asked = Pick<AsyncGenerator<unknown, unknown, string>, 'next' | 'throw' | 'return'>;

const requests = fc.array(
  fc.tuple(
    fc.constantFrom('next', 'next', 'next', 'throw', 'return'),
    fc.constantFrom('a', 'b', 'fail', 'let through', 'last words', 'insist', 'return'),
    fc.boolean(),
  ),
  { maxLength: 10 },
) as fc.Arbitrary<Request[]>;

async function ask(generator: Asked, [method, value]: Request): Promise<unknown> {
  try {
    if (method === 'throw') return await generator.throw(new Error(value));
    return await generator[method](value);
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message}`;
  }
}

async function run(generator: Asked, all: readonly Request[]): Promise<unknown> {
  const answers: Promise<unknown>[] = [];
  for (const request of all) {
    // To leave while a step is at work means more here than it does to a generator: it is cancelled.
    if (request[0] === 'return') await Promise.all(answers);
    const answer = ask(generator, request);
    answers.push(answer);
    if (request[2] || request[0] === 'return') await answer;
  }
  return Promise.all(answers);
}

/** As an asynchronous one, which answers in order whoever waits. */
async function* here(): AsyncGenerator<unknown, unknown, string> {
  return yield* bodies.obedient();
}

describe.each(POOLS)('a generator in $name', (pool) => {
  it.each([
    ['sync', bodies.obedient, here],
    ['async', bodies.obedientLater, bodies.obedientLater],
  ])('%s: answers as one here does', (_, remote, local) =>
    withSharedPool(pool, (engine) =>
      fc.assert(
        fc.asyncProperty(requests, async (all) => {
          const generator = generateIn(engine, {}, remote) as unknown as AsyncGenerator<
            unknown,
            unknown,
            string
          >;
          const answers = await run(generator, all);
          // Clean-up that yields has to be asked again.
          while ((await generator.return(undefined)).done !== true);

          expect(answers).toEqual(await run(local() as Asked, all));
        }),
        { numRuns: 150 },
      ),
    ),
  );
});
