/**
 * The classes of errors that keep their class on the way to another thread or process, by name. Classes of this library are entered
 * beside their definition; users enter theirs with `registerError`. The table is one for the realm, whatever number of copies of
 * this package is loaded, so that a class that was registered with one copy is known to the other. A copy prefers its own classes.
 *
 * @module
 */

/** A class of errors. Its constructor is never called, and may be private. */
export interface ErrorClass {
  readonly name: string;
  readonly prototype: Error;
}

interface ErrorClasses {
  /** Key of a class, by its prototype. */
  readonly keys: WeakMap<object, string>;
  /** The class of a key. */
  readonly classes: Map<string, ErrorClass>;
}

const TABLE: unique symbol = Symbol.for('skein.errorClasses') as never;
const realm = globalThis as { [TABLE]?: ErrorClasses };

/** Classes of this copy of the package. */
const own = new Map<string, ErrorClass>();

function table(): ErrorClasses {
  realm[TABLE] ??= { keys: new WeakMap(), classes: new Map() };
  return realm[TABLE];
}

function enter(key: string, type: ErrorClass): void {
  const { keys, classes } = table();
  keys.set(type.prototype, key);
  classes.set(key, type);
}

/** Enters classes of this library. Their keys cannot be those of a user's class of the same name. */
export function ownErrors(...classes: readonly ErrorClass[]): void {
  for (const type of classes) {
    const key = `skein/${type.name}`;
    own.set(key, type);
    enter(key, type);
  }
}

/** Enters a class of a user, by its name. The last of one name wins: a module that is evaluated again makes new classes. */
export function enterErrorClass(type: ErrorClass): void {
  enter(type.name, type);
}

/** The key of the class that has this prototype, or undefined. */
export function errorKeyOf(prototype: object): string | undefined {
  return table().keys.get(prototype);
}

/** The class of a key, or undefined. */
export function errorClassOf(key: string): ErrorClass | undefined {
  return own.get(key) ?? table().classes.get(key);
}
