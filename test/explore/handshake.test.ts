/**
 * The handshake of a pool and its thread, under every order of their steps: no wake-up is lost. And the model that says so finds each of
 * the mistakes that can be made in it.
 *
 * @module
 */
import { explore, ScheduleFailed } from 'skein/testing';
import { describe, expect, it } from 'vitest';
import { PoolSide, type Words, WorkerSide } from '../../src/engines/thread/handshake.ts';
import { HEAD } from '../../src/engines/thread/layout.ts';
import { chooseOne } from '../testing/explored-primitives.ts';
import { handshake, type Scenario, type Sides } from './handshake-model.ts';

const SIDES: Sides = { PoolSide, WorkerSide };

/** More than there are. */
const ALL = 1_000_000;

const ONE_CALL: Scenario = { turns: [1] };
const ASKS: Scenario = { turns: [1], asking: 0 };

/** Of the large ones `npm run test:explore` runs all orders, 25,000 each, and `npm test` the first. */
const FIRST = Number(process.env.EXPLORE_FACTOR ?? 1) > 1 ? Number.POSITIVE_INFINITY : 3000;

const SCENARIOS: readonly (Scenario & { readonly name: string; readonly isLarge?: boolean })[] = [
  { name: 'one call', ...ONE_CALL },
  { name: 'calls of two turns', turns: [1, 1], isLarge: true },
  { name: 'calls of which each is told at once', turns: [2], tellsEach: true, isLarge: true },
  { name: 'a call that is sent when another has ended', turns: [1], waiting: 1, isLarge: true },
  { name: 'an outcome that comes by message', turns: [1, 1], told: [0], isLarge: true },
  { name: 'a body that asks', ...ASKS },
];

type News = ConstructorParameters<typeof PoolSide>[1];

/** A pool that does something in another way. */
function pool(ways: (side: PoolSide, words: Words, news: News) => Partial<PoolSide>): Sides {
  const Mutant = class extends PoolSide {
    constructor(words: Words, news: News) {
      super(words, news);
      Object.assign(this, ways(this, words, news));
    }
  };
  return { ...SIDES, PoolSide: Mutant };
}

/** A worker that does. */
function worker(ways: (side: WorkerSide, words: Words) => Partial<WorkerSide>): Sides {
  const Mutant = class extends WorkerSide {
    constructor(words: Words) {
      super(words);
      Object.assign(this, ways(this, words));
    }
  };
  return { ...SIDES, WorkerSide: Mutant };
}

const isNews = (side: PoolSide, words: Words, read: number): boolean =>
  words.load(HEAD.done) > read || side.isReady !== (words.load(HEAD.ready) === 1);

const MUTANTS: readonly {
  readonly name: string;
  readonly sides: Sides;
  readonly scenario?: Scenario;
}[] = [
  {
    name: 'the pool arms after its last look',
    sides: pool((side, words) => ({
      arm(read) {
        const news = isNews(side, words, read);
        side.isArmed = true;
        words.store(HEAD.armed, 1);
        return news;
      },
    })),
  },
  {
    name: 'the pool reads what has rung after what there is',
    scenario: ASKS,
    sides: pool((side, words, news) => ({
      look() {
        side.isArmed = false;
        words.store(HEAD.armed, 0);
        side.isReady = words.load(HEAD.ready) === 1;
        news.read(words.load(HEAD.done));
        side.heard = words.load(HEAD.toPool);
      },
    })),
  },
  {
    name: 'the pool reads what has rung when it sleeps',
    scenario: ASKS,
    sides: pool((side, words) => ({
      arm(read) {
        const news = PoolSide.prototype.arm.call(side, read);
        side.heard = words.load(HEAD.toPool);
        return news;
      },
    })),
  },
  {
    name: 'the pool looks whether the worker sleeps before it shows a call',
    sides: pool((_, words) => ({
      show(written) {
        const isAsleep = words.load(HEAD.asleep) !== 0;
        words.store(HEAD.written, written);
        if (isAsleep) words.ring(HEAD.toWorker);
      },
    })),
  },
  {
    name: 'the pool stays armed, and does not ask again',
    sides: pool((side, words) => ({
      arm(read) {
        const wasArmed = side.heard > 0;
        side.isArmed = true;
        if (!wasArmed) words.store(HEAD.armed, 1);
        return isNews(side, words, read);
      },
    })),
  },
  {
    name: 'the worker sleeps after its last look',
    sides: worker((side, words) => ({
      fallAsleep(next) {
        const seen = words.load(HEAD.toWorker);
        if (side.hasCalls(next)) return undefined;
        words.store(HEAD.asleep, 1);
        return seen;
      },
    })),
  },
  {
    name: 'the worker reads what has rung after its last look',
    sides: worker((side, words) => ({
      fallAsleep(next) {
        words.store(HEAD.asleep, 1);
        if (!side.hasCalls(next)) return words.load(HEAD.toWorker);
        side.wake();
        return undefined;
      },
    })),
  },
  {
    name: 'the worker looks whether the pool is armed before it tells',
    sides: worker((_, words) => ({
      tell(done) {
        const isArmed = words.load(HEAD.armed) === 1;
        words.store(HEAD.done, done);
        if (isArmed) words.ring(HEAD.toPool);
      },
    })),
  },
  {
    name: 'the worker rings before it is ready',
    sides: worker((side, words) => ({
      start() {
        side.ring();
        words.store(HEAD.ready, 1);
      },
    })),
  },
  { name: 'whoever rings wakes first, and counts then', sides: { ...SIDES, notifiesFirst: true } },
];

describe('the handshake of a pool and its thread', () => {
  it.each(SCENARIOS)(
    'loses no wake-up in any order: $name',
    { timeout: 600_000 },
    async (scenario) => {
      const { run, places } = handshake(scenario, SIDES, chooseOne);
      const isCut = scenario.isLarge === true && FIRST < ALL;

      const found = await explore(run, { runs: isCut ? FIRST : ALL });

      expect(found.complete).toBe(!isCut);
      expect(places.size).toBeGreaterThan(1000);
    },
  );

  it.each(MUTANTS)('would lose one if $name', async ({ sides, scenario = ONE_CALL }) => {
    const { run } = handshake(scenario, sides, chooseOne);

    const failed = await explore(run, { runs: ALL }).catch((error: unknown) => error);

    expect(failed).toBeInstanceOf(ScheduleFailed);
    expect((failed as ScheduleFailed).message).toContain('A wake-up is lost');
  });
});
