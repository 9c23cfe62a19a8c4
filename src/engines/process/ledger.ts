/**
 * What a child notes before it starts a call, so that its parent knows after any death what had started: a file without a name, which
 * both have open. Writing it costs a microsecond or two and wakes nobody; the parent reads it only when it has to know.
 *
 * A body can write there, too. So an entry ends with a mark that only the two can make: with any other it says nothing, and whatever the
 * child had may have started.
 *
 * @module
 */
import { hostModule } from '../../runtime/runtime.ts';

type Files = typeof import('node:fs');

/** Calls from `from` on, before `to`, may have started; all before them have ended. */
export interface LedgerEntry {
  readonly from: number;
  readonly to: number;
  /** When, on the clock of `monotonicNow`; or `LOADING`. */
  readonly at: number;
}

/** From, to, time, and the mark. */
const WORDS = 4;
const BYTES: number = WORDS * 8;

/** Reads of an entry that seems to be none: it may have been written meanwhile. */
const READS = 10;

let made = 0;

/** One ledger, on either side. */
export class Ledger {
  readonly fd: number;
  /** What the mark is made with. No other child has it. */
  readonly secret: number;
  readonly #files: Files;
  readonly #words = new Float64Array(WORDS);
  readonly #bytes: Uint8Array = new Uint8Array(this.#words.buffer);
  readonly #halves: Int32Array = new Int32Array(this.#words.buffer);
  #isOpen = true;

  private constructor(files: Files, fd: number, secret: number) {
    this.#files = files;
    this.fd = fd;
    this.secret = secret;
  }

  /** Makes one; undefined where no file can be written. */
  static create(): Ledger | undefined {
    const files = hostModule<Files>('node:fs') as Files;
    const folder = hostModule<typeof import('node:os')>('node:os')?.tmpdir() ?? '.';
    for (const place of ['/dev/shm', folder]) {
      const path = `${place}/skein-${process.pid}-${++made}`;
      try {
        const fd = files.openSync(path, 'wx+', 0o600);
        files.unlinkSync(path);
        return new Ledger(files, fd, Math.floor(Math.random() * 2 ** 32));
      } catch {
        // No such folder, or it is not ours to write.
      }
    }
    return undefined;
  }

  /** Takes the one that the parent passed; undefined where it could not. */
  static inherited(fd: number, secret: number): Ledger | undefined {
    const files = hostModule<Files>('node:fs') as Files;
    try {
      const ledger = new Ledger(files, fd, secret);
      if (!files.fstatSync(fd).isFile()) return undefined;
      ledger.write(0, 0, 0);
      return ledger;
    } catch {
      return undefined;
    }
  }

  write(from: number, to: number, at: number): void {
    const words = this.#words;
    words[0] = from;
    words[1] = to;
    words[2] = at;
    words[3] = this.#mark();
    this.#files.writeSync(this.fd, this.#bytes, 0, BYTES, 0);
  }

  /** Undefined when it holds no entry of the child's: nothing yet, or what somebody else has written. */
  read(): LedgerEntry | undefined {
    for (let reads = 0; reads < READS && this.#isOpen; reads++) {
      const got = this.#files.readSync(this.fd, this.#bytes, 0, BYTES, 0);
      const [from, to, at, mark] = this.#words as unknown as [number, number, number, number];
      if (got === BYTES && mark === this.#mark()) return { from, to, at };
    }
    return undefined;
  }

  #mark(): number {
    const halves = this.#halves;
    let mark = this.secret | 0;
    for (let i = 0; i < 2 * (WORDS - 1); i++) {
      mark = Math.imul(mark ^ (halves[i] as number), 0x9e3779b1);
      mark ^= mark >>> 15;
    }
    return mark;
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#files.closeSync(this.fd);
  }
}
