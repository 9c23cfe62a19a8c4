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
}

/** A self-contained function as source text. */
export interface SourceShipment {
  readonly kind: 'source';
  /** An expression whose value is the function. */
  readonly text: string;
  readonly name: string;
  /** URL of the file that relative `import()`s are resolved against; undefined when there are none or it is not known. */
  readonly base: string | undefined;
}

/** Plain data: it can be cloned, and written as JSON. */
export type Shipment = ModuleShipment | SourceShipment;

/** Where work was submitted. */
export type Site = Pick<CallSite, 'frames' | 'place'>;

// biome-ignore lint/suspicious/noExplicitAny: functions of all shapes must fit.
export type AnyFunction = (...args: any[]) => any;
