/**
 * The owner's end of a generator that runs in a worker.
 *
 * @module
 */
import { lendAs } from './kinds.ts';
import type { Lent } from './lent.ts';
import type { StepEvents, StepKind } from './steps.ts';

/** Asks a generator elsewhere, and passes on what it gives. */
export class Steps {
  readonly events: StepEvents;
  /** Sends to the worker that has the call. Set while it is lent. */
  notify: ((what: unknown) => void) | undefined;

  constructor(events: StepEvents) {
    this.events = events;
  }

  /**
   * Asks for a step. The generator must be ready.
   *
   * @throws what the clone throws
   */
  ask(kind: StepKind, value: unknown): void {
    this.notify?.([kind, value]);
  }
}

lendAs(Steps, 'steps');

/** Keeps it for a call. */
export class LentSteps implements Lent {
  readonly object: Steps;
  readonly asks: Lent['asks'] = {};
  #hasGap = false;

  constructor(steps: Steps, notify: (what: unknown) => void) {
    this.object = steps;
    steps.notify = notify;
  }

  tell(method: string, args: readonly unknown[]): void {
    if (method === 'ready') this.object.events.ready();
    else if (!this.#hasGap) this.object.events.gave(args);
  }

  missed(): void {
    this.#hasGap = true;
  }

  end(): void {
    this.object.notify = undefined;
    this.object.events.ended();
  }
}
