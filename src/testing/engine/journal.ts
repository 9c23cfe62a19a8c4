/**
 * How the cases of the engine contract and the bodies they submit tell each other what happens, whatever memory the bodies run in:
 * by a directory. A body appends lines to a file and waits for files to appear.
 *
 * @module
 */
import { monotonicNow, nextTurn, startHostTimer } from '../../runtime/runtime.ts';
import { openFolder, removeFolder } from './folders.ts';
import { host } from './host.ts';

/** How long a case waits for something that a body should do, in milliseconds. */
const PATIENCE_MS = 15_000;

/** A line that a body has written. */
export interface Entry {
  readonly what: string;
  readonly name: string;
}

/** What happened, in order, seen from any memory. */
export class Journal implements Disposable {
  /** The directory, which bodies get as an argument. */
  readonly place: string;

  private constructor(place: string) {
    this.place = place;
  }

  /** A new one, empty. */
  static open(): Journal {
    return new Journal(openFolder());
  }

  /** One that somebody else has opened. */
  static at(place: string): Journal {
    return new Journal(place);
  }

  /** Appends a line; a short one is written whole, whoever else writes. */
  note(what: string, name: string): void {
    host().fs.appendFileSync(`${this.place}/journal`, `${what} ${name}\n`);
  }

  /** All lines. */
  entries(): Entry[] {
    return this.#text()
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => {
        const space = line.indexOf(' ');
        return { what: line.slice(0, space), name: line.slice(space + 1) };
      });
  }

  /** The names in the lines of one kind, in order. */
  names(what: string): string[] {
    return this.entries()
      .filter((entry) => entry.what === what)
      .map(({ name }) => name);
  }

  /**
   * Waits until there are so many lines of one kind.
   *
   * @throws Error with the journal when it takes longer than 15 s
   */
  async seen(what: string, count = 1): Promise<void> {
    await this.until(`${count} × "${what}"`, () => this.names(what).length >= count);
  }

  /** Waits, in real time and outside any scope, until `condition` holds. */
  async until(what: string, condition: () => boolean): Promise<void> {
    const since = monotonicNow();
    while (!condition()) {
      if (monotonicNow() - since > PATIENCE_MS) {
        throw new Error(`Waited in vain for ${what}; the journal says:\n${this.#text()}`);
      }
      await pause(1);
    }
  }

  /** Lets the body of this name go on, or `all`. */
  release(gate = 'all'): void {
    host().fs.writeFileSync(`${this.place}/gate-${gate}`, '');
  }

  /** Whether `release` was called, or the journal is gone: a body that an engine has left behind must not poll for ever. */
  released(gate: string): boolean {
    const { fs } = host();
    return fs.existsSync(`${this.place}/gate-${gate}`) || !fs.existsSync(this.place);
  }

  [Symbol.dispose](): void {
    removeFolder(this.place);
  }

  #text(): string {
    const file = `${this.place}/journal`;
    const { fs } = host();
    return fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '';
  }
}

/** Waits in real time, also where the clock is virtual; it is no wait of the library and sees no cancellation. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => startHostTimer(resolve, ms));
}

/** Waits some turns of the event loop. */
export async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) {
    await new Promise<void>((resolve) => nextTurn(resolve));
  }
}
