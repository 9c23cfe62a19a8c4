/**
 * The output of a command: one JSON record an item on stdout, written no faster than the reader takes them.
 *
 * @module
 */
import { type ErrorRecord, errorRecord, oneLine } from './failure.ts';
import { writeOut } from './output.ts';

/** What is written about one item. */
export interface ItemRecord {
  readonly index: number;
  readonly input: unknown;
  readonly status: 'done' | 'failed' | 'cancelled';
  readonly value?: unknown;
  readonly error?: ErrorRecord;
  /** From the start of its first attempt; 0 where it never started. */
  readonly ms: number;
}

/** Writes a record; waits while the reader is behind. False when it could only be written as a failure. */
export async function writeRecord(record: ItemRecord): Promise<boolean> {
  let text: string;
  let whole = true;
  try {
    text = toJson(record);
  } catch (error) {
    const reason = new TypeError(`Cannot write the value as JSON: ${oneLine(error)}`);
    const { index, input, ms } = record;
    text = toJson({ index, input, status: 'failed', error: errorRecord(reason), ms });
    whole = false;
  }
  await writeOut(`${text}\n`);
  return whole;
}

/** `undefined` has no JSON, and a record of a function that returns nothing still has a value. */
function toJson(record: ItemRecord): string {
  if (typeof record.value === 'function' || typeof record.value === 'symbol') {
    throw new TypeError(`a ${typeof record.value} has none`);
  }
  if (isIterator(record.value)) throw new TypeError('an iterator has none');
  const value = record.status === 'done' ? { value: record.value ?? null } : {};
  const { index, input, status, error, ms } = record;
  return JSON.stringify({ index, input, status, ...value, error, ms: Math.round(ms * 10) / 10 });
}

/** What a generator function gives: as JSON it would be an empty object. */
function isIterator(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || !('next' in value)) return false;
  return Symbol.iterator in value || Symbol.asyncIterator in value;
}
