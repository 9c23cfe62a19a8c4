/**
 * Which names a piece of a function declares, and which it uses. References are resolved when the whole function has been read,
 * because a declaration may come later in the text.
 *
 * @module
 */

/**
 * One scope of a function's text. Besides variables it knows `this`, `arguments`, `new.target` and `super` (declared by the functions
 * that have them) and `#private` names (declared by their class).
 */
export class Names {
  /** The scope around it. */
  readonly outer: Names | undefined;
  /** Is it the body of a function? */
  readonly ownsVars: boolean;
  #declared: Set<string> | undefined;
  #hoisted: Set<string> | undefined;

  constructor(outer: Names | undefined, ownsVars: boolean) {
    this.outer = outer;
    this.ownsVars = ownsVars;
  }

  declare(name: string): void {
    this.#declared ??= new Set();
    this.#declared.add(name);
  }

  /** Declares what a `var` declares: a name of the whole function. */
  declareVar(name: string): void {
    this.#function.declare(name);
  }

  /** Notes a function of a block: sloppy code knows it in the whole function, too. */
  hoist(name: string): void {
    const names = this.#function;
    names.#hoisted ??= new Set();
    names.#hoisted.add(name);
  }

  get #function(): Names {
    let names: Names = this;
    while (!names.ownsVars && names.outer !== undefined) names = names.outer;
    return names;
  }

  /** The scope that declares the name: this one, or one around it. */
  find(name: string): Names | undefined {
    let names: Names | undefined = this;
    while (names !== undefined && !names.#declared?.has(name)) names = names.outer;
    return names;
  }

  /** Is it, seen from here, perhaps that of a function in a block? */
  mayBeHoisted(name: string): boolean {
    for (let names: Names | undefined = this; names !== undefined; names = names.outer) {
      if (names.#hoisted?.has(name)) return true;
      if (names.#declared?.has(name)) return false;
    }
    return false;
  }
}

/** What a function that is being read is: on that depends what some words in it mean. */
export interface Frame {
  /** `await` is an operator in it. */
  readonly isAsync: boolean;
  /** `yield` is one. */
  readonly isGenerator: boolean;
  /** It is known to be strict code, by its text. */
  readonly isStrict: boolean;
  /** Of the function to which `this` and `arguments` belong, which is around it if it is an arrow. */
  readonly receiver: Receiver;
}

/**
 * What has `this` and `arguments`: the function that is read (`root`, or a `method`), what is around it if it is an arrow, one inside it, or the
 * initialiser of a class; `none` as long as nothing is read.
 */
export interface Receiver {
  readonly kind: 'none' | 'around' | 'root' | 'method' | 'inner' | 'initialiser';
  /** It has parameters, and in sloppy code `arguments` are the same variables. */
  readonly mapsArguments: boolean;
}
