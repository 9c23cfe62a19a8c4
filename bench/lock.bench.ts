/**
 * Locks: what it costs to take one that is free, and to hand one on.
 *
 * @module
 */
import { type Case, type Contender, numbersTo, type Work } from './case.ts';
import {
  asyncMutex,
  asyncSema,
  effectAroundNothing,
  effectAroundPromise,
  handLock,
  type Lane,
  navigatorLocks,
  pLimitOne,
  skeinLock,
  skeinSemaphore,
  skeinTryFirst,
  skeinWith,
} from './locks.ts';
import { aheadOfPeers, below } from './pledges.ts';

const CONTENDERS = 100;

type Locking = () => Promise<Lane>;
type Arrange = (locking: Locking) => () => Promise<Work>;

/** One lane: the lock is always free. */
function alone(locking: Locking): () => Promise<Work> {
  return async () => {
    const lane = await locking();
    return async (_, items) => {
      let taken = 0;
      await lane(() => taken++ < items);
      return taken - 1;
    };
  };
}

/** Many lanes: whoever releases finds others waiting, and stands behind them. */
function together(locking: Locking): () => Promise<Work> {
  return async () => {
    const lane = await locking();
    return async (_, items) => {
      const contest = new Contest(items);
      await Promise.all(contest.entrants.map(lane));
      return contest.handedOn;
    };
  };
}

/** Many lanes, each a task: the lock knows who holds it and looks for circles. */
async function tasksTogether(): Promise<Work> {
  const { scope } = await import('../src/index.ts');
  const lane = await skeinLock();
  return async (_, items) => {
    const contest = new Contest(items);
    await scope(async (s) => {
      for (const more of contest.entrants) s.spawn(() => lane(more));
    });
    return contest.handedOn;
  };
}

/** Counts what many lanes do together, and makes sure that the lock really goes from one to the other. */
class Contest {
  readonly entrants: readonly (() => boolean)[];
  #taken = 0;
  #last = -1;
  #turns = 0;

  constructor(items: number) {
    this.entrants = Array.from({ length: CONTENDERS }, (_, lane) => () => {
      if (this.#last !== lane) this.#turns++;
      this.#last = lane;
      return this.#taken++ < items;
    });
  }

  /** How often the lock was taken, if hardly ever twice in a row by the same lane. */
  get handedOn(): number {
    const taken = this.#taken - CONTENDERS;
    if (this.#turns < taken * 0.9)
      throw new Error(`Only ${this.#turns} of ${taken} were hand-offs`);
    return taken;
  }
}

function peers(arrange: Arrange, effect: Locking): Contender[] {
  return [
    { name: 'async-sema', role: 'peer', load: arrange(asyncSema) },
    { name: 'async-mutex Mutex', role: 'peer', load: arrange(asyncMutex), repeat: 1 },
    { name: 'p-limit(1)', role: 'peer', load: arrange(pLimitOne), repeat: 1 },
    { name: 'Effect Semaphore.withPermits', role: 'peer', load: arrange(effect), repeat: 2 },
    { name: 'navigator.locks', role: 'context', load: arrange(navigatorLocks), repeat: 1 },
  ];
}

const common: Omit<Case, 'name' | 'contenders' | 'promises'> = {
  measure: 'time',
  per: 'item',
  items: 100_000,
  repeat: 10,
  warmUp: { items: 20_000, repeat: 5 },
  input: numbersTo,
};

/** What locks promise. */
export const cases: readonly Case[] = [
  {
    ...common,
    name: 'What does it cost to acquire and release a lock that is free?',
    contenders: [
      { name: 'skein Lock', role: 'ours', load: alone(skeinLock) },
      { name: 'skein Semaphore(1)', role: 'ours', load: alone(skeinSemaphore) },
      {
        name: 'skein Lock, tryAcquire ?? await acquire',
        role: 'context',
        load: alone(skeinTryFirst),
      },
      { name: 'skein Lock.with', role: 'context', load: alone(skeinWith) },
      { name: 'floor: a flag and a list', role: 'floor', load: alone(handLock) },
      ...peers(alone, effectAroundNothing),
    ],
    promises: [below(250, 'ns', (own) => own.cpuNs), aheadOfPeers()],
  },
  {
    ...common,
    name: 'What does a hand-off cost when 100 contend for a lock?',
    contenders: [
      { name: 'skein Lock', role: 'ours', load: together(skeinLock) },
      { name: 'skein Lock, contenders are tasks', role: 'ours', load: tasksTogether },
      { name: 'skein Semaphore(1)', role: 'ours', load: together(skeinSemaphore) },
      { name: 'skein Lock.with', role: 'context', load: together(skeinWith) },
      { name: 'floor: a flag and a list', role: 'floor', load: together(handLock) },
      ...peers(together, effectAroundPromise),
    ],
    promises: [aheadOfPeers()],
  },
];
