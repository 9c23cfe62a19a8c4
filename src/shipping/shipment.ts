/**
 * What travels in the place of a function: where the other heap finds it, or its source text.
 *
 * @module
 */
import type { CallSite } from '../runtime/call-site.ts';

/** A function that the other heap imports: declared with `task`, or an export. */
export interface ModuleShipment {
  readonly kind: 'module';
  readonly url: string;
  readonly name: string;
  /** Was it declared with `task`? Otherwise it is an export. */
  readonly declared: boolean;
  /** The source text of an export that was found by itself: another module might export another function by the same name over there. */
  readonly text?: string | undefined;
}

/** Where the text of a function stands, for stacks. */
export interface TextPlace {
  /** The file as stacks name it; where the place in it is not known, with the name of the function as its fragment. */
  readonly url: string;
  /** Of the first character, from 0; both are 0 where they are not known. */
  readonly line: number;
  readonly column: number;
}

/** A self-contained function as source text. */
export interface SourceShipment {
  readonly kind: 'source';
  /** An expression whose value is the function. */
  readonly text: string;
  readonly name: string;
  /** URL of the file that relative `import()`s are resolved against; undefined when there are none or it is not known. */
  readonly base: string | undefined;
  /** It was written as sloppy code, and is run as such. */
  readonly sloppy?: true | undefined;
  /** Undefined when nobody has looked, or nothing is known. */
  readonly place?: TextPlace | undefined;
}

/** Plain data: it can be cloned, and written as JSON. */
export type Shipment = ModuleShipment | SourceShipment;

/** Where work was submitted. */
export type Site = Pick<CallSite, 'frames' | 'place'>;

// biome-ignore lint/suspicious/noExplicitAny: functions of all shapes must fit.
export type AnyFunction = (...args: any[]) => any;
