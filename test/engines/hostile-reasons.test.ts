/**
 * Cancellations for a reason that throws when it is looked at.
 *
 * @module
 */
import { isCancelled, scope } from 'skein';
import { describe, expect, it } from 'vitest';
import { isA } from '../../src/core/arguments.ts';
import { mark } from './fixtures/deaths.ts';
import { ignoreSignals, wait } from './fixtures/hostile.ts';
import { expectNothingOutside, POOLS, withPool } from './pools.ts';

expectNothingOutside();

const REASONS: Record<string, () => unknown> = {
  'is a revoked proxy': () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return proxy;
  },
  'does not tell of what class it is': () =>
    new Proxy(
      {},
      {
        getPrototypeOf(): never {
          throw new Error('no prototype');
        },
      },
    ),
  'has fields that cannot be read': () => ({
    get name(): never {
      throw new Error('no name');
    },
    get message(): never {
      throw new Error('no message');
    },
  }),
};

/** Whether a promise was rejected with exactly this. */
async function isRejectedWith(promise: Promise<unknown>, reason: unknown): Promise<boolean> {
  const [end] = await Promise.allSettled([promise]);
  return end?.status === 'rejected' && end.reason === reason;
}

describe.each(Object.keys(REASONS))('a reason that %s', (which) => {
  const make = REASONS[which] as () => unknown;

  it.each(POOLS.flatMap((pool) => [wait, ignoreSignals].map((body) => ({ pool, body }))))(
    'stops a call of $pool.name: $body.name',
    ({ pool, body }) =>
      withPool(pool, { size: 1 }, async (engine, journal) => {
        const controller = new AbortController();
        const reason = make();
        const call = engine.submit<[string], unknown>(body, [journal.place], {
          signal: controller.signal,
          grace: 50,
        });
        const queued = engine.submit(mark, [journal.place, 'queued'], {});
        await journal.seen('start');

        controller.abort(reason);

        expect(await isRejectedWith(call, reason)).toBe(true);
        expect(await queued).toBe('queued');
      }),
  );

  it.each(POOLS)('cancels a scope around a call of $name', (pool) =>
    withPool(pool, { size: 1 }, async (engine, journal) => {
      const controller = new AbortController();
      const ended = scope({ signal: controller.signal }, () =>
        engine.submit<[string], unknown>(wait, [journal.place], {}),
      );
      const seen = ended.then(
        () => false,
        (error: unknown) => isCancelled(error) || typeof error === 'object',
      );
      await journal.seen('start');

      controller.abort(make());

      expect(await seen).toBe(true);
    }),
  );

  it('is no instance, and no cancellation', () => {
    expect(isA(make(), Error)).toBe(false);
    expect(isCancelled(make())).toBe(false);
  });
});
