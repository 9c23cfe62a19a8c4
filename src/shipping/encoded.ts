/**
 * What is thrown, as plain data: the same for a structured clone and for the serialization of Node's child processes. Errors are in
 * one table and refer to each other by position, so that a cycle is kept and depth costs no stack.
 *
 * @module
 */

/** A value in an encoded error. */
export type EncodedValue =
  /** Data that can be cloned; the name of its class, if it is an instance of one that a clone leaves behind. */
  | { readonly kind: 'value'; readonly value: unknown; readonly className?: string | undefined }
  /** Position in the table of errors. */
  | { readonly kind: 'error'; readonly at: number }
  /** An array that holds errors, or something that cannot be cloned. */
  | { readonly kind: 'list'; readonly items: readonly EncodedValue[] }
  /** The same for a `Map`: keys and values in turn. */
  | { readonly kind: 'map'; readonly items: readonly EncodedValue[] }
  /** The same for a `Set`. */
  | { readonly kind: 'set'; readonly items: readonly EncodedValue[] }
  /** The same for a plain object, or an instance of the class of that name. */
  | {
      readonly kind: 'record';
      readonly fields: EncodedFields;
      readonly className?: string | undefined;
    };

/** Names and values, in order. Pairs, because a field can be called `__proto__`. */
export type EncodedFields = readonly (readonly [string, EncodedValue])[];

/** One error. */
export interface EncodedError {
  /** Keys of its class and the classes that it extends, the most special first. */
  readonly classes: readonly string[];
  /** What `error.name` was; undefined when it was no text. */
  readonly name: string | undefined;
  readonly message: string;
  /** Undefined when it had none. */
  readonly stack: string | undefined;
  /** Undefined when `code` is among the fields, or there was none. */
  readonly code: string | number | undefined;
  /** Fields that are not enumerable by nature: `cause`, `errors`, `error`, `suppressed`. */
  readonly hidden: EncodedFields;
  /** Own enumerable fields. */
  readonly fields: EncodedFields;
}

/** What a body threw. */
export interface EncodedThrown {
  readonly thrown: EncodedValue;
  readonly errors: readonly EncodedError[];
}
