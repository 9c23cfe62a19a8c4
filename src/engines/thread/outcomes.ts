/**
 * How the calls of a thread ended, on its way to the pool: small values in the shared memory, all else by messages that hold many.
 *
 * @module
 */
import { type EncodedThrown, encodeThrown } from '../../shipping/error-codec.ts';
import { unclonableResult } from '../../shipping/unclonable.ts';
import { type Host, Thrown } from '../pool/host.ts';
import { isPrimitive } from '../pool/primitive.ts';
import { resultParcel } from '../pool/result.ts';
import { type Board, CLAIM, fitsSlot } from './layout.ts';
import { type ThreadData, TO_POOL } from './protocol.ts';

/** Outcomes that travel in one message. */
const FULL = 768;

/** Writes and posts outcomes. */
export class Outcomes {
  readonly #board: Board;
  readonly #port: ThreadData['port'];
  readonly #host: Host;
  /** The message in the making. */
  #outcomes: unknown[] = [TO_POOL.outcomes];

  constructor(board: Board, port: ThreadData['port'], host: Host) {
    this.#board = board;
    this.#port = port;
    this.#host = host;
  }

  valued(seq: number, value: unknown): void {
    // The result of a call with a line must not overtake what was said on it.
    if (fitsSlot(value) && !this.#host.hadLine) {
      this.#board.writeResult(seq, value);
      this.#board.setClaim(seq, CLAIM.valued);
      return;
    }
    const name = this.#nameOf(seq);
    const parcel = resultParcel(value, name);
    if (parcel instanceof Thrown) this.thrown(seq, parcel.encoded);
    else if (parcel.transfer !== undefined) this.#postOne(seq, 1, value, name, parcel.transfer);
    else {
      this.#push(seq, 1, parcel.copy ?? value);
      if (parcel.copy === undefined && !isPrimitive(value)) this.post();
    }
  }

  thrown(seq: number, encoded: EncodedThrown): void {
    this.#push(seq, 0, encoded);
  }

  #nameOf(seq: number): string {
    return this.#host.nameOf(this.#board.route(seq));
  }

  #push(seq: number, isValue: 0 | 1, outcome: unknown): void {
    this.#outcomes.push(seq, isValue, outcome);
    this.#board.setClaim(seq, CLAIM.told);
    if (this.#outcomes.length > FULL) this.post();
  }

  /** Posts what is not in the memory. */
  post(): void {
    if (this.#outcomes.length === 1) return;
    const outcomes = this.#outcomes;
    this.#outcomes = [TO_POOL.outcomes];
    try {
      this.#port.postMessage(outcomes);
    } catch {
      // One of them is to blame: it fails, and no other.
      for (let i = 1; i < outcomes.length; i += 3) {
        const [seq, isValue] = [outcomes[i] as number, outcomes[i + 1] as 0 | 1];
        this.#postOne(seq, isValue, outcomes[i + 2], this.#nameOf(seq), undefined);
      }
    }
  }

  #postOne(
    seq: number,
    isValue: 0 | 1,
    outcome: unknown,
    name: string,
    transfer: readonly unknown[] | undefined,
  ): void {
    try {
      this.#port.postMessage([TO_POOL.outcomes, seq, isValue, outcome], transfer as never);
    } catch (error) {
      const encoded = encodeThrown(unclonableResult(outcome, name, error));
      this.#port.postMessage([TO_POOL.outcomes, seq, 0, encoded]);
    }
    this.#board.setClaim(seq, CLAIM.told);
  }
}
