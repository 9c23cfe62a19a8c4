/**
 * An `AbortSignal` that is lent.
 *
 * @module
 */
import { watchAbort } from '../../core/abort-watch.ts';
import { encodeThrown } from '../../shipping/error-codec.ts';
import type { Lent } from './lent.ts';

/** Tells the worker when it aborts. */
export class LentSignal implements Lent {
  readonly object: AbortSignal;
  readonly asks: Lent['asks'] = {};
  /** What it was aborted with before it was packed. */
  readonly state: unknown;
  readonly #notify: (what: unknown) => void;
  #unwatch: (() => void) | undefined;
  /** It has aborted since it was packed: every line must hear of it. */
  #late = false;

  constructor(signal: AbortSignal, notify: (what: unknown) => void) {
    this.object = signal;
    this.#notify = notify;
    if (signal.aborted) this.state = encodeThrown(signal.reason);
    else this.#unwatch = watchAbort(signal, () => this.#abort());
  }

  #abort(): void {
    this.#late = true;
    this.#unwatch = undefined;
    this.connected();
  }

  connected(): void {
    if (this.#late) this.#notify(encodeThrown(this.object.reason));
  }

  tell(): void {}

  end(): void {
    this.#unwatch?.();
    this.#unwatch = undefined;
  }
}
