/**
 * What a child notes before it starts a call, so that its parent knows after any death what had started: a file without a name, which
 * both have open. Writing it costs a microsecond or two and wakes nobody; the parent reads it only when it has to know.
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

const NOTHING: LedgerEntry = { from: 0, to: 0, at: 0 };
const BYTES = 24;

let made = 0;

/** One ledger, on either side. */
export class Ledger {
  readonly fd: number;
  readonly #files: Files;
  readonly #words = new Float64Array(3);
  readonly #bytes: Uint8Array = new Uint8Array(this.#words.buffer);
  #isOpen = true;

  private constructor(files: Files, fd: number) {
    this.#files = files;
    this.fd = fd;
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
        return new Ledger(files, fd);
      } catch {
        // No such folder, or it is not ours to write.
      }
    }
    return undefined;
  }

  /** Takes the one that the parent passed; undefined where it could not. */
  static inherited(fd: number): Ledger | undefined {
    const files = hostModule<Files>('node:fs') as Files;
    try {
      const ledger = new Ledger(files, fd);
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
    this.#files.writeSync(this.fd, this.#bytes, 0, BYTES, 0);
  }

  read(): LedgerEntry {
    if (!this.#isOpen) return NOTHING;
    const got = this.#files.readSync(this.fd, this.#bytes, 0, BYTES, 0);
    if (got < BYTES) return NOTHING;
    const [from, to, at] = this.#words as unknown as [number, number, number];
    return { from, to, at };
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#files.closeSync(this.fd);
  }
}
