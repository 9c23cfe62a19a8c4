/**
 * What a worker does with what nobody caught in it: an error, a rejection, an exit that nobody asked for.
 *
 * @module
 */
import type { EventEmitter } from 'node:events';
import { textOf } from '../../core/arguments.ts';
import { isEncodedThrown } from '../../shipping/encoded-check.ts';
import { type EncodedThrown, encodeThrown } from '../../shipping/error-codec.ts';
import type { Host } from './host.ts';
import { allWritten } from './output.ts';

// A body may replace those of functions.
const { apply } = Reflect;

/** A worker says no more than so many: it is going to be replaced. */
const MOST_SAID = 16;

/**
 * Says what nobody caught, and which function began it if a body of that has ended; undefined: the worker dies of it, and whatever it is
 * at fails of it.
 */
export type SayUncaught = (thrown: EncodedThrown, lateBody: string | undefined) => void;

/** Watches over the errors of one worker. A listener that a body has added goes first. */
export class Uncaught {
  readonly #host: Host;
  readonly #say: SayUncaught;
  // A body may replace them.
  readonly #process = process;
  readonly #exit = process.exit;
  #said = 0;
  /** It was told to end. */
  #isEnding = false;

  constructor(host: Host, say: SayUncaught) {
    this.#host = host;
    this.#say = say;
    process.on('uncaughtException', (error) => this.#uncaught(error));
    process.on('exit', (code) => this.#exiting(code));
  }

  #uncaught(error: unknown): void {
    // Somebody else sees to it.
    if (this.#process.listenerCount('uncaughtException') > 1) return;
    const { lateBody } = this.#host;
    if (lateBody !== undefined) {
      this.#late(error, lateBody);
      return;
    }
    this.die(error);
  }

  /** Ends this worker because of an error that is no body's, or nobody's any more. */
  die(error: unknown): never {
    this.#isEnding = true;
    try {
      this.#say(encoded(error), undefined);
    } finally {
      apply(this.#exit, this.#process, [1]);
    }
    throw error;
  }

  #late(error: unknown, lateBody: string): void {
    if (++this.#said <= MOST_SAID) this.#say(encoded(error), lateBody);
  }

  /** What has called `exit` late is known only here. */
  #exiting(code: number): void {
    if (this.#isEnding) return;
    const { lateBody } = this.#host;
    if (lateBody !== undefined)
      this.#late(new Error(`The worker exited with code ${code}`), lateBody);
  }

  /**
   * Ends this worker, which has nothing to do, as any program ends: what bodies have registered for its exit runs. A listener for `beforeExit`
   * hears that once, and what it begins is waited for; without one, nothing that was left here is.
   *
   * @param quiet lets the worker end when nothing else keeps it
   */
  async end(quiet: () => void): Promise<void> {
    if (this.#isEnding) return;
    this.#isEnding = true;
    await allWritten();
    const emitter: EventEmitter = this.#process;
    if (emitter.listenerCount('beforeExit') === 0) this.#exit.call(this.#process);
    emitter.emit('beforeExit', Number(this.#process.exitCode ?? 0));
    // Whatever one of them did, as to print something, would have it called again.
    emitter.removeAllListeners('beforeExit');
    quiet();
  }
}

/** A body may have broken what errors are taken apart with: then their text is what can be said. */
function encoded(error: unknown): EncodedThrown {
  try {
    const thrown = encodeThrown(error);
    if (isEncodedThrown(thrown)) return thrown;
  } catch {
    // The same.
  }
  const message = textOf(error);
  const plain = { classes: [], name: 'Error', message, stack: undefined, code: undefined };
  return { thrown: { kind: 'error', at: 0 }, errors: [{ ...plain, hidden: [], fields: [] }] };
}
