/**
 * The end of a program that has used workers: it ends by itself, and no child outlives it.
 *
 * @module
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Journal } from '../../src/testing/engine/journal.ts';
import { type Ended, endOf } from '../process/exit-code.ts';
import { isAlive } from './pools.ts';

const program = fileURLToPath(new URL('./fixtures/program.ts', import.meta.url));

interface Program {
  readonly child: ChildProcess;
  readonly journal: Journal;
  readonly ended: Promise<Ended>;
}

/** Starts a scenario; what is left of it when the test is over is killed. */
function start(kind: string, scenario: string): Program {
  const journal = Journal.open();
  const child = spawn(process.execPath, [program, kind, scenario, journal.place]);
  const ended = endOf(child);
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
    for (const pid of pidsIn(journal)) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
    journal[Symbol.dispose]();
  });
  return { child, journal, ended };
}

/** The children that have told their number; not this process, in which threads run. */
function pidsIn(journal: Journal): number[] {
  return [...journal.names('pid'), ...journal.names('idle')].map(Number);
}

describe.each(['threads', 'processes'])('a program that used %s', (kind) => {
  it.each([
    ['unused', kind],
    ['idle', '3'],
    ['shared', '3'],
    ['flow', '50'],
    ['death', 'ERR_WORKER_DIED 3'],
    ['endless loop, cancelled', 'ENOUGH'],
    ['endless loop, timed out', 'ERR_TIMED_OUT'],
    ['scope cancelled', 'ABORT_ERR'],
    ['disposed', '3'],
    ['not awaited', 'left'],
  ])('ends by itself: %s', async (scenario, says) => {
    const { ended, journal } = start(kind, scenario);

    const { code, stdout, stderr } = await ended;

    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: `${says}\n`, stderr: '' });
    if (scenario === 'not awaited') expect(journal.names('result')).toEqual(['arrived']);
  });

  it('shows what its bodies write to the console', async () => {
    const { code, stdout } = await start(kind, 'prints').ended;

    const lines = stdout.trimEnd().split('\n');
    expect([code, lines.toSorted()]).toEqual([0, ['first', 'printed', 'second']]);
    expect(lines.indexOf('first')).toBeLessThan(lines.indexOf('second'));
  });

  it('takes its spinning worker along when it calls exit', async () => {
    const { ended, journal } = start(kind, 'exit');

    expect((await ended).code).toBe(4);

    await journal.until('death of the children', () => !pidsIn(journal).some(isAlive));
  });

  it('takes its spinning worker along when it fails', async () => {
    const { ended, journal } = start(kind, 'uncaught');

    const { code, stderr } = await ended;

    expect([code, stderr]).toEqual([1, expect.stringMatching(/the program fails/)]);
    await journal.until('death of the children', () => !pidsIn(journal).some(isAlive));
  });
});

describe('a parent that is killed', () => {
  it.each(['SIGKILL', 'SIGTERM', 'SIGINT'] as const)(
    'by %s: no child is left, neither the idle nor the one in an endless loop',
    async (signal) => {
      const { child, journal, ended } = start('processes', 'parent');
      await journal.seen('ready');
      const pids = pidsIn(journal);
      expect(pids.length).toBeGreaterThanOrEqual(2);
      expect(pids.every(isAlive)).toBe(true);

      child.kill(signal);
      await ended;

      await journal.until('death of the children', () => !pids.some(isAlive));
    },
  );
});
