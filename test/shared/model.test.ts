import fc from 'fast-check';
import { Queue } from 'skein';
import { describe, expect, it } from 'vitest';
import { type ItemsSeat, shareItems } from '../../src/sync/items-hub.ts';
import { Boundary, failure, turns } from './boundary.ts';

const who = fc.nat({ max: 2 });
const cancelAfter = fc.option(fc.nat({ max: 6 }), { nil: undefined });
const steps = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ what: fc.constant('put' as const), who, cancelAfter }) },
    { weight: 4, arbitrary: fc.record({ what: fc.constant('get' as const), who, cancelAfter }) },
    {
      weight: 1,
      arbitrary: fc.record({ what: fc.constantFrom('die' as const, 'end' as const), who }),
    },
    {
      weight: 4,
      arbitrary: fc.record({ what: fc.constant('turns' as const), count: fc.nat({ max: 4 }) }),
    },
  ),
  { maxLength: 40 },
);

/** One worker after another in a place: a dead one is replaced. */
class Place {
  readonly #queue: Queue<number>;
  readonly #delays: () => number;
  boundary: Boundary;
  there: Queue<number>;

  constructor(queue: Queue<number>, delays: () => number) {
    this.#queue = queue;
    this.#delays = delays;
    this.boundary = new Boundary(delays);
    [this.there] = this.boundary.cross(queue);
  }

  async leave(how: 'die' | 'end'): Promise<void> {
    const { boundary } = this;
    this.boundary = new Boundary(this.#delays);
    [this.there] = this.boundary.cross(this.#queue);
    if (how === 'die') boundary.die();
    else await boundary.finish();
  }
}

function delaysOf(pattern: readonly number[]): () => number {
  let at = 0;
  return () => pattern[at++ % pattern.length] as number;
}

async function afterTurns(count: number, fn: () => void): Promise<void> {
  await turns(count);
  fn();
}

describe('queues between workers that come and go', () => {
  it('lose and double no item, whatever is cancelled and whoever dies', async () => {
    await fc.assert(
      fc.asyncProperty(
        steps,
        fc.array(fc.nat({ max: 3 }), { minLength: 1, maxLength: 7 }),
        fc.integer({ min: 1, max: 3 }),
        async (script, pattern, max) => {
          const queue = new Queue<number>({ max });
          const places = [0, 1, 2].map(() => new Place(queue, delaysOf(pattern)));
          /** In for certain, certainly not, and not known because the worker was gone before it heard. */
          const put = new Map<number, 'in' | 'out' | 'unknown'>();
          const seen: number[] = [];
          const pending: Promise<unknown>[] = [];
          let last = 0;
          for (const step of script) {
            if (step.what === 'turns') {
              await turns(step.count);
              continue;
            }
            const place = places[step.who] as Place;
            if (!('cancelAfter' in step)) {
              pending.push(place.leave(step.what));
              continue;
            }
            const controller = new AbortController();
            const bounds = { signal: controller.signal };
            if (step.cancelAfter !== undefined) {
              pending.push(afterTurns(step.cancelAfter, () => controller.abort()));
            }
            if (step.what === 'put') {
              const item = last++;
              pending.push(
                place.there.put(item, bounds).then(
                  () => put.set(item, 'in'),
                  (error: { code: string }) =>
                    put.set(item, error.code === 'ABORT_ERR' ? 'out' : 'unknown'),
                ),
              );
            } else {
              pending.push(
                place.there.get(bounds).then(
                  (item) => seen.push(item),
                  () => undefined,
                ),
              );
            }
          }
          await turns(10);
          await Promise.all(places.map(({ boundary }) => boundary.finish()));
          await Promise.all(pending);
          await turns(2);
          for (let item = queue.tryGet(); item !== undefined; item = queue.tryGet()) {
            seen.push(item.value);
          }
          expect(new Set(seen).size, 'none twice').toBe(seen.length);
          for (const [item, state] of put) {
            if (state !== 'unknown')
              expect([item, seen.includes(item)]).toEqual([item, state === 'in']);
          }
          expect(queue.stats()).toMatchObject({ size: 0, waitingGet: 0, waitingPut: 0 });
          await Promise.all(places.map(({ boundary }) => boundary.finish()));
        },
      ),
      { numRuns: 150 },
    );
  });

  it('keep the order of one producer at one consumer that dies and is replaced', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat({ max: 12 }), { minLength: 1, maxLength: 6 }),
        fc.array(fc.nat({ max: 3 }), { minLength: 1, maxLength: 7 }),
        async (lives, pattern) => {
          const queue = new Queue<number>();
          for (let n = 0; n < 30; n++) queue.tryPut(n);
          const seen: number[] = [];
          for (const life of lives) {
            const boundary = new Boundary(delaysOf(pattern));
            const [there] = boundary.cross(queue);
            const work = failure(
              (async () => {
                for await (const n of there) seen.push(n);
              })(),
            );
            await turns(life);
            boundary.die();
            expect((await work).code).toBe('ERR_CALL_ENDED');
          }
          for (let item = queue.tryGet(); item !== undefined; item = queue.tryGet())
            seen.push(item.value);
          expect(seen).toEqual(Array.from({ length: 30 }, (_, n) => n));
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('a shared source among copies that come and go', () => {
  it('gives every item to one copy, or reports it', async () => {
    const life = fc.record({
      takes: fc.nat({ max: 120 }),
      how: fc.constantFrom('die' as const, 'end' as const, 'break' as const, 'drain' as const),
      rest: fc.nat({ max: 3 }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(life, { minLength: 1, maxLength: 6 }),
        fc.array(fc.nat({ max: 3 }), { minLength: 1, maxLength: 7 }),
        fc.nat({ max: 300 }),
        fc.boolean(),
        async (lives, pattern, count, isAsync) => {
          const all = Array.from({ length: count }, (_, n) => n);
          const hub = shareItems<number>(isAsync ? asyncOf(all) : all);
          const seats: ItemsSeat<number>[] = [];
          const finished: number[] = [];
          const copy = async ({ takes, how, rest }: (typeof lives)[number]): Promise<void> => {
            const seat = hub.join();
            seats.push(seat);
            const boundary = new Boundary(delaysOf(pattern));
            const [items] = boundary.cross(seat as AsyncIterableIterator<number>);
            const seen: number[] = [];
            if (how === 'drain' || takes > 0) {
              for await (const item of items) {
                seen.push(item);
                if (item % 20 === 0) await turns(rest);
                if (how !== 'drain' && seen.length >= takes) break;
              }
            }
            if (how === 'die') boundary.die();
            else await boundary.finish();
            seat.leave(how === 'die');
            finished.push(...seen.filter((item) => !seat.unfinished.includes(item)));
          };
          await Promise.all(lives.map(copy));
          const lost = seats.flatMap((seat) => seat.unfinished);
          const left: number[] = [];
          for await (const item of hub.join()) left.push(item);
          await hub.close();
          const found = [...finished, ...lost, ...left].sort((a, b) => a - b);
          expect(found).toEqual(all);
        },
      ),
      { numRuns: 120 },
    );
  });
});

async function* asyncOf(items: readonly number[]): AsyncGenerator<number> {
  for (const item of items) {
    if (item % 7 === 0) await turns(1);
    yield item;
  }
}
