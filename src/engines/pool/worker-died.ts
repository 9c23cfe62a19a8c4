/**
 * What a caller is told when the worker that had its task is gone.
 *
 * @module
 */
import { textOf } from '../../core/arguments.ts';
import { ownErrors } from '../../core/error-classes.ts';
import { titleOf } from '../../shipping/errors.ts';

/** What is known of the death of a worker, and of the task it had. */
export interface Death {
  /** Name of the task; empty for a function without one. */
  readonly task?: string | undefined;
  /** How far the task had come. */
  readonly state: WorkerDied['state'];
  /** With which the worker exited. */
  readonly exitCode?: number | undefined;
  /** The signal that killed the worker, or `terminate`. */
  readonly killedBy?: string | undefined;
  /** The error that was uncaught in the worker, or of the host: out of memory, a module that does not load. */
  readonly cause?: unknown;
  /** URL of the module which the worker was importing for the task. */
  readonly module?: string | undefined;
}

/**
 * Says that the worker died that had a task. The task is not run again, because it had started, or may have. The `cause` is what the
 * worker died of, where that is known.
 */
export class WorkerDied extends Error {
  /** Stable, for matching. */
  override readonly name = 'WorkerDied';
  /** Stable, and the same on the other side of a thread. */
  readonly code = 'ERR_WORKER_DIED';
  /** With which the worker exited; undefined when it was killed. */
  readonly exitCode: number | undefined;
  /** What killed the worker: a signal such as `SIGKILL`; undefined when it exited. */
  readonly killedBy: string | undefined;
  /** Name of the task; undefined for a function without one. */
  readonly task: string | undefined;
  /**
   * `running`: the task had started; `unsent`: it had ended, its result is lost; `unknown`: it may have started; `unstarted`: no worker
   * could be started for it; `moved`: it had not started, but what was moved to its worker is lost.
   */
  readonly state: 'running' | 'unsent' | 'unknown' | 'unstarted' | 'moved';

  /** @param death what is known */
  constructor(death: Death) {
    super(messageOf(death), death.cause === undefined ? undefined : { cause: death.cause });
    this.exitCode = death.exitCode;
    this.killedBy = death.killedBy;
    this.task = death.task || undefined;
    this.state = death.state;
  }
}

ownErrors(WorkerDied);

function messageOf(death: Death): string {
  const task = death.task === undefined ? 'the task' : titleOf(death.task);
  const end = endOf(death);
  switch (death.state) {
    case 'running':
      return `Could not finish ${task}: its worker ${end}; it is not run again because it had started`;
    case 'unsent':
      return `Could not get the result of ${task}: its worker ${end} after it had ended; it is not run again`;
    case 'unstarted':
      if (death.module !== undefined)
        return `Could not load ${task} from ${death.module}: importing that module ends the worker; the last of several ${end}`;
      return isUnseen(death)
        ? `Could not start a worker for ${task}: ${textOf(death.cause)}`
        : `Could not start a worker for ${task}: the last of several ${end}`;
    case 'moved':
      return `Could not start ${task}: its worker ${end}, and what had been moved there is lost`;
    case 'unknown':
      return `Cannot tell whether ${task} has run: its worker ${end}; it is not run again because it may have started`;
  }
}

/** Nobody has seen how it ended, if it ever was there. */
function isUnseen({ killedBy, exitCode, cause }: Death): boolean {
  return killedBy === undefined && exitCode === undefined && cause !== undefined;
}

function endOf({ killedBy, exitCode, cause }: Death): string {
  const why = cause === undefined ? '' : ` (${textOf(cause)})`;
  if (killedBy !== undefined) return `was killed by ${killedBy}${why}`;
  return exitCode === undefined ? `died${why}` : `exited with code ${exitCode}${why}`;
}
