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
  readonly #declared = new Set<string>();
  readonly #ownsVars: boolean;

  constructor(outer: Names | undefined, ownsVars: boolean) {
    this.outer = outer;
    this.#ownsVars = ownsVars;
  }

  declare(name: string): void {
    this.#declared.add(name);
  }

  /** Declares what a `var` declares: a name of the whole function. */
  declareVar(name: string): void {
    if (this.#ownsVars || this.outer === undefined) this.#declared.add(name);
    else this.outer.declareVar(name);
  }

  /** Is the name declared here or around? */
  knows(name: string): boolean {
    return this.#declared.has(name) || (this.outer?.knows(name) ?? false);
  }
}

/** Makes the scope of a function: one that is no arrow has its own `this`, `arguments` and `new.target`. */
export function functionNames(outer: Names | undefined, arrow: boolean): Names {
  const names = new Names(outer, true);
  if (!arrow) for (const name of ['this', 'arguments', 'new.target']) names.declare(name);
  return names;
}
