/**
 * Whether something is what `encodeThrown` writes. What came from a worker is looked at before it is made an error again: a body may have
 * sent it.
 *
 * @module
 */
import type { EncodedThrown } from './encoded.ts';

/** Whether it is. Never throws, and looks at each part once, whatever it is given. */
export function isEncodedThrown(value: unknown): value is EncodedThrown {
  return new Check().thrown(value);
}

type Unknown = Readonly<Record<string, unknown>>;

/** An encoder makes trees, and not deep ones. */
const DEEPEST = 16;

class Check {
  readonly #seen = new Set<object>();
  #errors = 0;

  thrown(value: unknown): boolean {
    if (!isObject(value)) return false;
    const { thrown, errors } = value;
    if (!this.#isNewList(errors)) return false;
    this.#errors = errors.length;
    return this.#value(thrown, 0) && all(errors, (each) => this.#error(each));
  }

  #error(value: unknown): boolean {
    return (
      isObject(value) &&
      this.#isNewList(value.classes) &&
      all(value.classes, (key) => typeof key === 'string') &&
      isTextOrNothing(value.name) &&
      typeof value.message === 'string' &&
      isTextOrNothing(value.stack) &&
      (isTextOrNothing(value.code) || typeof value.code === 'number') &&
      this.#fields(value.hidden, 0) &&
      this.#fields(value.fields, 0)
    );
  }

  #fields(value: unknown, depth: number): boolean {
    return (
      this.#isNewList(value) &&
      all(
        value,
        (each) => Array.isArray(each) && typeof each[0] === 'string' && this.#value(each[1], depth),
      )
    );
  }

  #value(value: unknown, depth: number): boolean {
    if (!isObject(value) || depth > DEEPEST) return false;
    const { kind, at } = value;
    switch (kind) {
      case 'value':
        return isTextOrNothing(value.className);
      case 'error':
        return Number.isInteger(at) && (at as number) >= 0 && (at as number) < this.#errors;
      case 'list':
      case 'map':
      case 'set':
        return (
          this.#isNewList(value.items) && all(value.items, (item) => this.#value(item, depth + 1))
        );
      case 'record':
        return this.#fields(value.fields, depth + 1) && isTextOrNothing(value.className);
      default:
        return false;
    }
  }

  /** One that is there twice would be looked at again and again. */
  #isNewList(value: unknown): value is readonly unknown[] {
    if (!Array.isArray(value) || this.#seen.has(value)) return false;
    this.#seen.add(value);
    return true;
  }
}

/** Holes count, and end it: `every` would pass over them. */
function all(list: readonly unknown[], is: (item: unknown) => boolean): boolean {
  for (let i = 0; i < list.length; i++) if (!is(list[i])) return false;
  return true;
}

function isTextOrNothing(value: unknown): boolean {
  return value === undefined || typeof value === 'string';
}

function isObject(value: unknown): value is Unknown {
  return typeof value === 'object' && value !== null;
}
