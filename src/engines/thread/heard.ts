/**
 * The messages of a worker thread, one by one and looked at: a body can have sent them, too.
 *
 * @module
 */
import type { EncodedThrown } from '../../shipping/encoded.ts';
import { isEncodedThrown } from '../../shipping/encoded-check.ts';
import { forged } from '../pool/forged.ts';
import type { Outcome } from '../pool/link.ts';
import { TO_POOL } from './protocol.ts';

/** Who is told. */
export interface Hearing {
  outcome(seq: number, outcome: Outcome, value: unknown): void;
  line(seq: number, messages: readonly unknown[]): void;
  unread(seq: number): void;
  swollen(): void;
  rested(): void;
  warned(key: string, text: string): void;
  uncaught(thrown: EncodedThrown, lateBody: string | undefined): void;
}

/**
 * Tells what a message says.
 *
 * @throws Error for one that no worker of ours sends
 */
export function hear(message: unknown, hearing: Hearing): void {
  if (!Array.isArray(message)) throw forged('a message that is no list');
  const kind: unknown = message[0];
  switch (kind) {
    case TO_POOL.outcome:
      hearOutcome(hearing, message);
      break;
    case TO_POOL.line:
      if (!Array.isArray(message[2])) throw forged('nothing on the line of a call');
      hearing.line(positionIn(message), message[2]);
      break;
    case TO_POOL.unread:
      hearing.unread(positionIn(message));
      break;
    case TO_POOL.swollen:
      hearing.swollen();
      break;
    case TO_POOL.rested:
      hearing.rested();
      break;
    case TO_POOL.warned:
      if (typeof message[1] !== 'string' || typeof message[2] !== 'string') {
        throw forged('a warning without a text');
      }
      hearing.warned(message[1], message[2]);
      break;
    case TO_POOL.uncaught:
      hearUncaught(hearing, message);
      break;
    default:
      throw forged('a message of an unknown kind');
  }
}

function hearOutcome(hearing: Hearing, message: readonly unknown[]): void {
  const seq = positionIn(message);
  const isValue: unknown = message[2];
  const value: unknown = message[3];
  if (isValue === 1) hearing.outcome(seq, 'value', value);
  else if (isValue === 0 && isEncodedThrown(value)) hearing.outcome(seq, 'thrown', value);
  else throw forged('an outcome that is neither a value nor an error');
}

function hearUncaught(hearing: Hearing, message: readonly unknown[]): void {
  const [, thrown, lateBody] = message;
  if (!isEncodedThrown(thrown)) throw forged('that it has not caught what is no error');
  if (lateBody !== undefined && typeof lateBody !== 'string') {
    throw forged('that a function without a name has failed');
  }
  hearing.uncaught(thrown, lateBody);
}

function positionIn(message: readonly unknown[]): number {
  const seq: unknown = message[1];
  if (!Number.isInteger(seq)) throw forged('something of a call without its position');
  return seq as number;
}
