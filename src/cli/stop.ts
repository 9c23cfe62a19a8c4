/**
 * How a command is stopped from outside: the first signal lets it finish what has started, the second stops that too, the third ends
 * it. An error that nobody caught stops at once.
 *
 * @module
 */
import { FAILED, SIGNALS } from './exit-codes.ts';
import { oneLine } from './failure.ts';
import { isLeaving, leave } from './leave.ts';
import { say } from './output.ts';

type SignalName = keyof typeof SIGNALS;
const NAMES = Object.keys(SIGNALS) as SignalName[];

/** Watches for reasons to stop. */
export class Stop {
  readonly #drain = new AbortController();
  readonly #now = new AbortController();
  /** Set when something from outside decided it. */
  exitCode: number | undefined;

  constructor() {
    for (const name of NAMES) process.on(name, this.#onSignal);
    process.on('uncaughtException', this.#onUncaught);
    process.on('exit', this.#onExit);
  }

  /** Aborted when nothing more should be read. */
  get draining(): AbortSignal {
    return this.#drain.signal;
  }

  /** Aborted when what is at work should stop. */
  get now(): AbortSignal {
    return this.#now.signal;
  }

  readonly #onSignal = (name: NodeJS.Signals): void => {
    const code = SIGNALS[name as SignalName];
    // The reader of our output may have stalled, and then not even the last records get out.
    if (this.#now.signal.aborted) leave(code);
    if (this.#drain.signal.aborted) {
      this.#stop(code);
      return;
    }
    this.exitCode = code;
    say('finishing what has started; once more stops it');
    this.#drain.abort();
  };

  readonly #onUncaught = (error: unknown): void => {
    say(`an error that nobody caught: ${oneLine(error)}`);
    this.#stop(FAILED);
  };

  readonly #onExit = (code: number): void => {
    if (isLeaving()) {
      // Nobody can be waited for any more, but what listens is told.
      this.#now.abort(new Error('stopped'));
      return;
    }
    // Only the user's function can have called it: items are without a record.
    say('the function ended the process before all items were done');
    process.exitCode = code === 0 ? FAILED : code;
  };

  #stop(code: number): void {
    this.exitCode = code;
    this.#drain.abort();
    this.#now.abort(new Error('stopped'));
  }

  /** Stops watching. */
  end(): void {
    for (const name of NAMES) process.off(name, this.#onSignal);
    process.off('exit', this.#onExit);
    process.off('uncaughtException', this.#onUncaught);
  }
}
