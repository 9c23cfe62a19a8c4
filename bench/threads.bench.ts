/**
 * Pools of threads: what a task costs beyond its own work, who waits for whom, and what bytes cost on their way.
 *
 * @module
 */
import { arrayOf, type Case, type Contender, type Pledge } from './case.ts';
import {
  aheadOfPeersInTime,
  atMostFloorTimeTimes,
  atMostTimeOf,
  noLaterThanPeers,
  timesTheRate,
  wallOf,
  within,
  withinFairShares,
} from './pledges.ts';
import { coldStart } from './pools/cold.ts';
import {
  atOnce,
  besideLong,
  bouncing,
  clients,
  computing,
  mapped,
  oneByOne,
  type Passing,
  passing,
} from './pools/loads.ts';
import { threadEngine } from './pools/own.ts';
import type { OpenPool } from './pools/pool.ts';
import {
  bareThreads,
  comlink,
  jestWorker,
  multithreading,
  piscina,
  piscinaMany,
  poolifier,
  tinypool,
  workerpool,
} from './pools/thread-peers.ts';

type Arrange = (open: OpenPool) => Contender['load'];

const others: readonly (readonly [string, OpenPool])[] = [
  ['piscina', piscina],
  ['tinypool', tinypool],
  ['workerpool', workerpool],
  ['poolifier', poolifier],
  ['jest-worker', jestWorker],
  ['multithreading', multithreading],
  ['comlink, in turns', comlink],
];

function peers(arrange: Arrange): Contender[] {
  return others.map(([name, open]) => ({ name, role: 'peer', load: arrange(open) }));
}

function ours(name: string, load: Contender['load']): Contender {
  return { name: `skein ${name}`, role: 'ours', load };
}

const common = { measure: 'time', per: 'task', byWall: true, input: arrayOf } as const;
const delay = { measure: 'delay', per: 'task', items: 1, input: arrayOf } as const;

/** A hundred thousand at once cost at most so many times as much a task as twenty thousand do. */
function flat(factor: number): Pledge {
  return {
    text: `100,000 within ${factor} x the time per task`,
    judge(rows) {
      const worst = Math.max(
        ...['map', 'submit'].map(
          (name) => wallOf(rows, `skein ${name}, 100,000`) / wallOf(rows, `skein ${name}, 20,000`),
        ),
      );
      return { kept: worst <= factor, figure: worst.toFixed(2) };
    },
  };
}

/** What threads can reach here at all belongs to the figure. */
function atFloorOfThreads(): Pledge {
  const pledge = atMostFloorTimeTimes(1.05);
  return {
    text: 'within 5 % of bare threads',
    judge(rows) {
      const { kept, figure } = pledge.judge(rows);
      const reach = wallOf(rows, 'one after the other') / wallOf(rows, 'floor');
      return { kept, figure: `${figure}; bare threads reach ${reach.toFixed(2)} x one thread` };
    },
  };
}

/** What takes less than 1.3 times as long is a tie on a machine that is shared. */
const TIE = 1.3;

function megabyte(how: Passing, able: (name: string) => boolean): Case {
  const load: Arrange = (open) => passing(how, open);
  return {
    ...common,
    name: `What does a megabyte cost that is ${how}?`,
    items: how === 'shared' ? 2000 : 200,
    repeat: 1,
    warmUp: { items: how === 'shared' ? 1000 : 200, repeat: 1 },
    contenders: [
      ours('submit', load(threadEngine)),
      ...(how === 'moved' ? [ours('submit, one there and back', bouncing(threadEngine))] : []),
      { name: 'floor: postMessage', role: 'floor', load: load(bareThreads) },
      ...peers(load).filter(({ name }) => able(name)),
    ],
    promises: [atMostFloorTimeTimes(TIE)],
  };
}

/** What threads promise. */
export const cases: readonly Case[] = [
  {
    ...common,
    name: 'What does a tiny task cost when 20,000 are given to two threads at once?',
    items: 20_000,
    repeat: 5,
    warmUp: { items: 20_000, repeat: 5 },
    contenders: [
      ours('map', mapped(threadEngine)),
      ours('submit', atOnce(threadEngine)),
      ...peers(atOnce),
      { name: 'many a thread: piscina', role: 'peer', load: atOnce(piscinaMany) },
    ],
    promises: [timesTheRate(20, 'piscina'), aheadOfPeersInTime()],
  },
  {
    ...common,
    name: 'Does a tiny task cost more when 100,000 are given to two threads at once?',
    items: 100_000,
    repeat: 2,
    warmUp: { items: 20_000, repeat: 2 },
    rounds: 3,
    contenders: [
      ours('map, 100,000', mapped(threadEngine)),
      ours('submit, 100,000', atOnce(threadEngine)),
      { ...ours('map, 20,000', mapped(threadEngine)), items: 20_000, repeat: 10 },
      { ...ours('submit, 20,000', atOnce(threadEngine)), items: 20_000, repeat: 10 },
      { name: 'piscina, 100,000', role: 'context', load: atOnce(piscina), repeat: 1 },
      { name: 'jest-worker, 100,000', role: 'context', load: atOnce(jestWorker), repeat: 1 },
    ],
    promises: [flat(2)],
  },
  {
    ...common,
    name: 'How long does a tiny task take when each waits for the one before?',
    items: 3000,
    repeat: 1,
    warmUp: { items: 3000, repeat: 1 },
    contenders: [
      ours('submit', oneByOne(threadEngine)),
      { name: 'floor: postMessage', role: 'floor', load: oneByOne(bareThreads) },
      ...peers(oneByOne),
    ],
    promises: [atMostTimeOf(0.7, 'piscina')],
  },
  {
    ...delay,
    name: 'How long after its imports began has a new process its first result from a thread?',
    repeat: 5,
    contenders: [
      { name: 'skein', role: 'ours', load: coldStart('skein') },
      { name: 'bare thread', role: 'context', load: coldStart('bare') },
      ...others.map(
        ([name]): Contender => ({ name, role: 'peer', load: coldStart(name.split(',')[0] ?? '') }),
      ),
    ],
    promises: [noLaterThanPeers()],
  },
  {
    ...delay,
    name: 'When is the last of 2,000 tiny tasks done that have one of 300 ms among them?',
    repeat: 3,
    contenders: [ours('submit', besideLong(threadEngine)), ...peers(besideLong)],
    promises: [within(30)],
  },
  {
    ...delay,
    name: 'How long does the unluckiest of 20 clients wait for a task of 5 ms?',
    repeat: 1,
    contenders: [ours('submit', clients(threadEngine)), ...peers(clients)],
    promises: [withinFairShares(2)],
  },
  {
    ...common,
    name: 'How long does a job take that only cores can hasten?',
    items: 16,
    repeat: 3,
    warmUp: { items: 16, repeat: 1 },
    contenders: [
      ours('submit', computing(threadEngine)),
      { name: 'floor: bare threads', role: 'floor', load: computing(bareThreads) },
      {
        name: 'one after the other, one thread',
        role: 'context',
        load: computing(() => bareThreads(1)),
      },
      ...peers(computing),
    ],
    promises: [atFloorOfThreads()],
  },
  megabyte('copied', (name) => name !== 'multithreading'),
  megabyte('moved', (name) => name !== 'jest-worker'),
  megabyte('shared', () => true),
];
