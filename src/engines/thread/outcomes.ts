/**
 * How the calls of a thread ended, on its way to the pool: small values in the shared memory, each other in a message. Nothing waits for
 * company: the next body may not leave its turn, or may be killed, and what had ended before it must be known.
 *
 * @module
 */
import { type EncodedThrown, encodeThrown } from '../../shipping/error-codec.ts';
import { unclonableResult } from '../../shipping/unclonable.ts';
import { type Host, Thrown } from '../pool/host.ts';
import { partsOfResult } from '../pool/result.ts';
import { type Board, CLAIM, fitsSlot } from './layout.ts';
import { type ThreadData, TO_POOL } from './protocol.ts';

/** Writes and posts outcomes. */
export class Outcomes {
  readonly #board: Board;
  readonly #port: ThreadData['port'];
  readonly #host: Host;

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
    const parts = partsOfResult(value, this.#nameOf(seq));
    if (parts instanceof Thrown) this.thrown(seq, parts.encoded);
    else this.#post(seq, 1, value, parts);
  }

  thrown(seq: number, encoded: EncodedThrown): void {
    this.#post(seq, 0, encoded, undefined);
  }

  #post(
    seq: number,
    isValue: 0 | 1,
    outcome: unknown,
    transfer: readonly unknown[] | undefined,
  ): void {
    try {
      this.#port.postMessage([TO_POOL.outcome, seq, isValue, outcome], transfer as never);
    } catch (error) {
      const encoded = encodeThrown(unclonableResult(outcome, this.#nameOf(seq), error));
      this.#port.postMessage([TO_POOL.outcome, seq, 0, encoded]);
    }
    this.#board.setClaim(seq, CLAIM.told);
  }

  #nameOf(seq: number): string {
    return this.#host.nameOf(this.#board.route(seq));
  }
}
