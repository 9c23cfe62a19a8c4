/**
 * How a command is stopped from outside: the first signal lets it finish what has started, the second stops that too. A reader of
 * our output that goes away, or an error that nobody caught, stops at once.
 *
 * @module
 */
import { oneLine } from './failure.ts';

const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;
/** What a shell shows for a command that wrote to a closed pipe. */
const BROKEN_PIPE = 141;

/** Watches for reasons to stop. */
export class Stop {
  readonly #drain = new AbortController();
  readonly #now = new AbortController();
  /** Set when something from outside decided it. */
  exitCode: number | undefined;

  constructor() {
    process.on('SIGINT', this.#onSignal);
    process.on('SIGTERM', this.#onSignal);
    process.on('uncaughtException', this.#onUncaught);
    process.on('exit', this.#onExit);
    process.stdout.on('error', this.#onBrokenPipe);
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
    // The reader of our output may have stalled, and then not even the last records get out.
    if (this.#now.signal.aborted) this.#leave(EXIT_CODES[name as keyof typeof EXIT_CODES]);
    if (this.#drain.signal.aborted) {
      this.#stop(EXIT_CODES[name as keyof typeof EXIT_CODES]);
      return;
    }
    this.exitCode = EXIT_CODES[name as keyof typeof EXIT_CODES];
    process.stderr.write('skein: finishing what has started; once more stops it\n');
    this.#drain.abort();
  };

  readonly #onUncaught = (error: unknown): void => {
    process.stderr.write(`skein: an error that nobody caught: ${oneLine(error)}\n`);
    this.#stop(1);
  };

  readonly #onExit = (code: number): void => {
    // Only the user's function can have called it: items are without a record.
    process.stderr.write('skein: the function ended the process before all items were done\n');
    process.exitCode = code === 0 ? 1 : code;
  };

  readonly #onBrokenPipe = (): void => {
    // Nobody reads the records any more, and no further one can be written.
    this.#stop(BROKEN_PIPE);
    this.#leave(BROKEN_PIPE);
  };

  #leave(code: number): never {
    process.off('exit', this.#onExit);
    process.exit(code);
  }

  #stop(code: number): void {
    this.exitCode = code;
    this.#drain.abort();
    this.#now.abort(new Error('stopped'));
  }

  /** Stops watching. */
  end(): void {
    process.off('SIGINT', this.#onSignal);
    process.off('SIGTERM', this.#onSignal);
    process.off('exit', this.#onExit);
    process.off('uncaughtException', this.#onUncaught);
  }
}
