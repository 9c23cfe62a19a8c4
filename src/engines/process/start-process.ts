/**
 * Starts a child process.
 *
 * @module
 */
import type { ChildProcess } from 'node:child_process';
import { bare } from '../../core/own-options.ts';
import {
  hostModule,
  hostProcess,
  LONGEST_WAIT,
  startHostTimer,
  stopHostTimer,
} from '../../runtime/runtime.ts';
import { inheritedEnv, inheritedOptions } from '../pool/exec-options.ts';
import { depthHere } from '../pool/nesting.ts';
import type { PoolPlan } from '../pool/pool-options.ts';
import { workerEntry } from '../pool/worker-entry.ts';
import type { Ledger } from './ledger.ts';
import { MARK, type StartData, TO_CHILD } from './protocol.ts';
import { seal } from './seal.ts';

type Children = typeof import('node:child_process');

/** Milliseconds between the polite signal and the one that nobody survives. */
const MERCY = 500;

/** A text entry is longer than a command line may be: it comes as the first message. */
const LOADER = "process.once('message', (text) => (0, eval)(text))";

/** Starts one. */
export function startProcess(plan: PoolPlan, ledger: Ledger | undefined): ChildProcess {
  const children = hostModule<Children>('node:child_process');
  if (children?.fork === undefined) {
    throw new Error('Cannot start a process here: this runtime has no node:child_process');
  }
  const entry = plan.entry ?? workerEntry('process');
  const hasHeapLimit = plan.memory !== undefined;
  const execArgv = inheritedOptions(process.execArgv, hasHeapLimit);
  if (hasHeapLimit) execArgv.push(`--max-old-space-size=${2 * plan.memory}`);
  const env = inheritedEnv(process.env, hasHeapLimit);
  const options = {
    ...(env !== undefined && { env }),
    serialization: 'advanced',
    stdio: ['inherit', 'inherit', 'inherit', 'ipc', 'pipe', ledger?.fd ?? 'ignore'],
  } as const;
  const isText = typeof entry === 'string' && plan.entry === undefined;
  const child = isText
    ? children.spawn(
        process.execPath,
        [...execArgv, '-e', LOADER],
        bare({ ...options, stdio: [...options.stdio] }),
      )
    : children.fork(entry, bare({ ...options, execArgv, stdio: [...options.stdio] }));
  // Without a descriptor or memory left there is no child, and no channel: `error` follows.
  if (child.pid === undefined) return child;
  live.add(child);
  if (isText) child.send(entry, ignore);
  const data: StartData = {
    init: seal(plan.init),
    heap: plan.memory === undefined ? undefined : plan.memory * 2 ** 20,
    depth: depthHere() + 1,
    secret: ledger?.secret ?? 0,
  };
  try {
    child.send([MARK, TO_CHILD.start, data], ignore);
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
  return child;
}

/** Ends a child: politely at first. */
export function killProcess(child: ChildProcess): void {
  // A signal to nobody would go to all processes of this one's group.
  if (child.pid === undefined) return;
  child.kill('SIGTERM');
  killLater(child);
}

/** Kills a child that has not ended by itself in so many milliseconds, but not too soon. */
export function killLater(child: ChildProcess, grace: number = MERCY): void {
  if (child.pid === undefined) return;
  const wait = Math.min(Math.max(MERCY, grace), LONGEST_WAIT);
  const timer = startHostTimer(() => child.kill('SIGKILL'), wait);
  child.once('exit', () => stopHostTimer(timer));
}

function ignore(): void {
  // A child that is gone tells so by its exit.
}

/** All children of this process: none may outlive it. */
class Live {
  readonly #children = new Set<ChildProcess>();

  readonly #killAll = (): void => {
    for (const child of this.#children) child.kill('SIGKILL');
  };

  add(child: ChildProcess): void {
    if (this.#children.size === 0) hostProcess()?.on('exit', this.#killAll);
    this.#children.add(child);
    const gone = (): void => {
      if (this.#children.delete(child) && this.#children.size === 0) {
        hostProcess()?.off('exit', this.#killAll);
      }
    };
    child.once('exit', gone);
  }
}

const live = new Live();
