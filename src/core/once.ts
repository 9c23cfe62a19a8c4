/**
 * Waits for an event. An emitter is somebody else's code: it may answer while it is still adding the listener, answer twice, add it and
 * throw. So what was added is removed when the call that adds it has returned, however the wait has ended by then.
 *
 * @module
 */
import { describe, requireFunction, requireString } from './arguments.ts';
import { countOutside } from './outside.ts';
import { Wait } from './wait.ts';

/** Listens to events of any kind. */
// biome-ignore lint/suspicious/noExplicitAny: emitters of all typings must fit.
export type Listener = (...args: any[]) => void;

/** An event source of either kind: an EventTarget or an EventEmitter. */
export type EventSource =
  | Pick<EventTarget, 'addEventListener' | 'removeEventListener'>
  | {
      on(event: string | symbol, listener: Listener): unknown;
      off(event: string | symbol, listener: Listener): unknown;
    };

/**
 * Waits for the next event: gives the event of an EventTarget, the first argument of an EventEmitter's. The listeners are
 * removed in every case, also those of a source that answers, throws or is cancelled while it adds them. An emitter's `error` event
 * rejects, unless it is the one waited for. In a cancelled scope nothing is added.
 *
 * @param event its name: a text, or for an EventEmitter also a symbol
 * @throws Cancelled when the ambient scope is cancelled first
 * @throws what the `error` event brings, or the source throws when it is given a listener
 *
 * @example
 * ```ts
 * import { once } from 'skein';
 * import { EventEmitter } from 'node:events';
 * import assert from 'node:assert/strict';
 *
 * const emitter = new EventEmitter();
 * setImmediate(() => emitter.emit('ready', 7));
 * assert.equal(await once<number>(emitter, 'ready'), 7);
 * ```
 */
export async function once<T = unknown>(target: EventSource, event: string | symbol): Promise<T> {
  const ears = earsOf(target, event);
  const wait = new Wait<T>(`once ${String(event)}`);
  if (wait.settled) return wait.promise;
  const listening = new Listening<T>(wait, ears);
  listening.add(event, (value: T) => wait.ok(value));
  if (ears.hasErrors && event !== 'error') {
    listening.add('error', (error: unknown) => wait.fail(error));
  }
  return wait.promise;
}

/** The listeners of one wait: there is none when it has ended. */
class Listening<T> {
  readonly #wait: Wait<T>;
  readonly #ears: Ears;
  readonly #finished = countOutside();
  #added: (() => void)[] = [];

  constructor(wait: Wait<T>, ears: Ears) {
    this.#wait = wait;
    this.#ears = ears;
    wait.undo = () => this.#stop();
  }

  /** @param settle ends the wait; false when it has ended before */
  add(event: string | symbol, settle: (given: T) => boolean): void {
    if (this.#wait.settled) return;
    const listener: Listener = (given: T) => {
      if (settle(given)) this.#stop();
    };
    try {
      this.#ears.add(event, listener);
    } catch (error) {
      this.#wait.fail(error);
    }
    this.#added.push(() => this.#ears.remove(event, listener));
    if (!this.#wait.settled) return;
    try {
      this.#stop();
    } catch {
      // How the wait has ended says more than a listener that cannot be removed.
    }
  }

  /** Removes all, also where removing one fails. */
  #stop(): void {
    this.#finished();
    const added = this.#added;
    this.#added = [];
    let failed: { readonly error: unknown } | undefined;
    for (const remove of added) {
      try {
        remove();
      } catch (error) {
        failed ??= { error };
      }
    }
    if (failed !== undefined) throw failed.error;
  }
}

/** How listeners are added to a source and removed. */
interface Ears {
  /** Whether an event named `error` is a failure. */
  readonly hasErrors: boolean;
  add(event: string | symbol, listener: Listener): void;
  remove(event: string | symbol, listener: Listener): void;
}

function earsOf(target: EventSource, event: string | symbol): Ears {
  if (typeof (target as { on?: unknown } | null)?.on === 'function') {
    const emitter = target as Extract<EventSource, { on: unknown }>;
    requireFunction(emitter.off, 'target.off');
    if (typeof event !== 'string' && typeof event !== 'symbol') {
      throw new TypeError(`Expected event to be a string or a symbol: got ${describe(event)}`);
    }
    return {
      hasErrors: true,
      add: (name, listener) => void emitter.on(name, listener),
      remove: (name, listener) => void emitter.off(name, listener),
    };
  }
  const events = target as EventTarget;
  requireFunction(events?.addEventListener, 'target.on or target.addEventListener');
  requireFunction(events.removeEventListener, 'target.removeEventListener');
  requireString(event, 'event');
  return {
    hasErrors: false,
    add: (name, listener) => events.addEventListener(name as string, listener),
    remove: (name, listener) => events.removeEventListener(name as string, listener),
  };
}
