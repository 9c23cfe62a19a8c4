/**
 * The conditions of shipping: what cannot be sent, what the worker did not find, and work that starts where none may.
 *
 * @module
 */
import { ownErrors } from '../core/error-classes.ts';
import type { Site } from './shipment.ts';

/** Says that a function cannot be sent to a worker, and why. It is thrown before anything of the function has run. */
export class NotShippable extends TypeError {
  /** Stable, for matching. */
  override readonly name = 'NotShippable';
  /** Stable, and the same on the other side of a thread. */
  readonly code = 'ERR_NOT_SHIPPABLE';
  /** The variables of its surroundings that the function uses, as the user wrote them; empty when the reason is another. */
  readonly captured: readonly string[];

  /** @param captured the variables that stand in the way, if any do */
  constructor(message: string, captured: readonly string[] = [], options?: ErrorOptions) {
    super(message, options);
    this.captured = captured;
  }
}

/** Says that a worker did not find a function where it was told to look: no such module, or none that declares or exports the name. */
export class TaskNotFound extends Error {
  /** Stable, for matching. */
  override readonly name = 'TaskNotFound';
  /** Stable, and the same on the other side of a thread. */
  readonly code = 'ERR_TASK_NOT_FOUND';
  /** The module. */
  readonly url: string;
  /** The function. */
  readonly task: string;

  constructor(message: string, url: string, task: string, options?: ErrorOptions) {
    super(message, options);
    this.url = url;
    this.task = task;
  }
}

/**
 * Says that a module started work while a worker was importing it. Every worker imports the modules of its tasks, so a module that
 * does so would start itself over and over.
 */
export class ImportingWorker extends Error {
  /** Stable, for matching. */
  override readonly name = 'ImportingWorker';
  /** Stable, and the same on the other side of a thread. */
  readonly code = 'ERR_IMPORTING_WORKER';
  /** The module. */
  readonly url: string;

  /**
   * @param what the call that would have started work
   * @param later it comes from a timer, or the like, of a module that has been imported
   */
  constructor(what: string, url: string, later = false) {
    const where = later
      ? `in what ${url} has begun when a worker imported it`
      : `while a worker imports ${url}`;
    super(
      `Cannot start ${what} ${where}: a module that holds tasks is imported again in every worker. ` +
        'Move the tasks to a module of their own, or guard what starts the program with `if (import.meta.main)`, from Node 24.2 on',
    );
    this.url = url;
  }
}

ownErrors(NotShippable, TaskNotFound, ImportingWorker);

/** ` (called at …)`, for the end of a message. */
export function calledAt(site: Site | undefined): string {
  return site?.place === undefined ? '' : ` (called at ${site.place})`;
}

/** A name in quotes, or what to say where there is none. */
export function titleOf(name: string): string {
  return name === '' ? 'an anonymous function' : `"${name}"`;
}
