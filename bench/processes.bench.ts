/**
 * Pools of processes: what a task costs beyond its own work.
 *
 * @module
 */
import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import { arrayOf, type Case, type Contender, type Foreign, type Recorded } from './case.ts';
import { aheadOfPeersInTime, timesTheRate } from './pledges.ts';
import { atOnce, besideLong, mapped, oneByOne, WORKERS } from './pools/loads.ts';
import { processEngine } from './pools/own.ts';
import { type OpenPool, workerFile } from './pools/pool.ts';
import {
  jestWorkerProcesses,
  poolifierProcesses,
  tinypoolProcesses,
  workerpoolProcesses,
} from './pools/process-peers.ts';

const run = promisify(execFile);
const PYTHON = 'Python ProcessPoolExecutor.submit';
/** Of Python 3.14 on the machine of the first measurement. */
const pythonOnce: Recorded = { name: `${PYTHON}, recorded`, wallNs: 181_000 };
const hasPython = spawnSync('python3', ['--version']).status === 0;

const others: readonly (readonly [string, OpenPool])[] = [
  ['workerpool', workerpoolProcesses],
  ['jest-worker', jestWorkerProcesses],
  ['tinypool', tinypoolProcesses],
  ['poolifier', poolifierProcesses],
];

function peers(arrange: (open: OpenPool) => Contender['load']): Contender[] {
  return others.map(([name, open]) => ({ name, role: 'peer', load: arrange(open) }));
}

async function python(): Promise<Foreign> {
  return {
    wallNs: async (items) => {
      const args = [workerFile('pool.py').pathname, String(items), String(WORKERS)];
      return Number((await run('python3', args)).stdout);
    },
  };
}

/** What processes promise. */
export const cases: readonly Case[] = [
  {
    name: 'What does a tiny task cost when 10,000 are given to two processes at once?',
    measure: 'time',
    per: 'task',
    byWall: true,
    items: 10_000,
    repeat: 5,
    warmUp: { items: 10_000, repeat: 5 },
    input: arrayOf,
    contenders: [
      { name: 'skein map', role: 'ours', load: mapped(processEngine) },
      { name: 'skein submit', role: 'ours', load: atOnce(processEngine) },
      ...peers(atOnce),
      ...(hasPython ? [{ name: PYTHON, role: 'context', load: python } as const] : []),
    ],
    recorded: hasPython ? [] : [pythonOnce],
    promises: [
      timesTheRate(50, PYTHON, pythonOnce.wallNs),
      timesTheRate(20, 'workerpool'),
      timesTheRate(20, 'jest-worker'),
      aheadOfPeersInTime(),
    ],
  },
  {
    name: 'How long does a tiny task take in a process when each waits for the one before?',
    measure: 'time',
    per: 'task',
    byWall: true,
    items: 2000,
    repeat: 1,
    warmUp: { items: 2000, repeat: 1 },
    input: arrayOf,
    contenders: [
      { name: 'skein submit', role: 'ours', load: oneByOne(processEngine) },
      ...peers(oneByOne),
    ],
    promises: [],
  },
  {
    name: 'When is the last of 2,000 tiny tasks done in processes that have one of 300 ms among them?',
    measure: 'delay',
    per: 'task',
    items: 1,
    repeat: 3,
    input: arrayOf,
    contenders: [
      { name: 'skein submit', role: 'ours', load: besideLong(processEngine) },
      ...peers(besideLong),
    ],
    promises: [],
  },
];
