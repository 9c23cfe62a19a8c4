/**
 * What a worker is told of a call beside its numbers: the values, and what is shared among them.
 *
 * @module
 */
import type { Transferred } from '../../core/engine.ts';
import { Unclonable, unclonableArguments } from '../../shipping/unclonable.ts';
import { Lender } from '../shared/lender.ts';
import { type Hole, type Packed, pack } from '../shared/pack.ts';
import { CallLine } from './call-line.ts';
import type { Link } from './link.ts';
import { partsToMove } from './move.ts';
import type { PoolCall } from './pool-call.ts';

/** A call in full. Where it is only its arguments, they travel as a bare array. */
export interface Order {
  /** The arguments, then the further fields of the context. */
  readonly values: readonly unknown[];
  readonly holes: readonly Hole[] | undefined;
  /** The names of those fields. */
  readonly fields: readonly string[];
  /** The name of the call, for errors of what is shared; empty where it has none. */
  readonly name: string;
}

/** What travels, and what of it is moved. */
export interface Parcel {
  readonly order: Order | readonly unknown[];
  readonly transfer: readonly Transferred[] | undefined;
}

/**
 * Packs a call.
 *
 * @throws Unclonable for a value that can be neither cloned nor shared
 */
export function parcelOf(call: PoolCall, link: Link): Parcel {
  const { extras, transfer } = call.call;
  const fields = extras === undefined ? [] : Object.keys(extras);
  const given = extras === undefined ? call.args : [...call.args, ...Object.values(extras)];
  const lend = (): Lender => {
    call.lender ??= call.home?.runInAsyncScope(() => new Lender(call.name));
    return call.lender as Lender;
  };
  const { values, holes } = packed(given, lend, call);
  if (holes !== undefined) {
    call.line = new CallLine(call, link);
    call.lender?.connect(call.line);
  }
  const parts = partsToMove(given, transfer);
  if (holes === undefined && extras === undefined) return { order: values, transfer: parts };
  return { order: { values, holes, fields, name: call.name }, transfer: parts };
}

function packed(values: readonly unknown[], lend: () => Lender, { name, site }: PoolCall): Packed {
  try {
    return pack(values, 'args', lend, name, site);
  } catch (error) {
    // A getter of the user's threw.
    throw error instanceof Unclonable ? error : unclonableArguments(values, name, error);
  }
}
