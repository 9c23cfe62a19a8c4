/**
 * The signals of the calls that wait: one listener a signal, however many calls share it. A signal looks through its listeners at each
 * one that is added, so a hundred thousand of them would cost seconds.
 *
 * @module
 */
import { Cancelled } from '../core/errors.ts';
import type { QueuedCall } from './queued-call.ts';

interface Group {
  readonly calls: Set<QueuedCall>;
  readonly abort: () => void;
}

/** The calls of one limiter that wait with a signal. */
export class AbortGroups {
  readonly #label: string;
  readonly #groups = new Map<AbortSignal, Group>();

  constructor(label: string) {
    this.#label = label;
  }

  /** Ends the wait of `call` when its signal aborts. */
  join(signal: AbortSignal, call: QueuedCall): void {
    let group = this.#groups.get(signal);
    if (group === undefined) {
      const calls = new Set<QueuedCall>();
      const abort = (): void => {
        const cancelled = this.cancelled(signal);
        for (const each of calls) each.withdraw(cancelled);
      };
      group = { calls, abort };
      this.#groups.set(signal, group);
      signal.addEventListener('abort', abort);
    }
    group.calls.add(call);
  }

  /** The call waits no longer. */
  leave(signal: AbortSignal, call: QueuedCall): void {
    const group = this.#groups.get(signal);
    if (group === undefined) return;
    group.calls.delete(call);
    if (group.calls.size > 0) return;
    this.#groups.delete(signal);
    signal.removeEventListener('abort', group.abort);
  }

  /** What a call rejects with whose signal has aborted. */
  cancelled(signal: AbortSignal): Cancelled {
    return Cancelled.create(signal.reason, this.#label, undefined);
  }
}
