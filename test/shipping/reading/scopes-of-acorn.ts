/**
 * The free variables of a function by the tree that acorn makes of it: what the reader of texts is compared with. Strict code is taken for
 * granted, as in the reader.
 *
 * @module
 */

/** A node of a tree, of whatever type. */
export interface Tree {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [key: string]: unknown;
}

class Scope {
  readonly outer: Scope | undefined;
  readonly isFunction: boolean;
  readonly names = new Set<string>();

  constructor(outer?: Scope, isFunction = false) {
    this.outer = outer;
    this.isFunction = isFunction;
  }

  get function(): Scope {
    return this.isFunction || this.outer === undefined ? this : this.outer.function;
  }

  has(name: string): boolean {
    return this.names.has(name) || (this.outer?.has(name) ?? false);
  }
}

class Analysis {
  readonly #used: (readonly [name: string, scope: Scope])[] = [];

  get free(): Set<string> {
    return new Set(this.#used.filter(([name, scope]) => !scope.has(name)).map(([name]) => name));
  }

  #use(name: string, scope: Scope): void {
    this.#used.push([name, scope]);
  }

  walk(node: unknown, scope: Scope): void {
    if (Array.isArray(node)) for (const each of node) this.walk(each, scope);
    else if (isTree(node)) {
      const visit = this.#visitors[node.type];
      if (visit === undefined) this.#children(node, scope);
      else visit(node, scope);
    }
  }

  #children(node: Tree, scope: Scope): void {
    for (const child of Object.values(node)) {
      if (typeof child === 'object') this.walk(child, scope);
    }
  }

  /** A function; a method has `super`. */
  function(node: Tree, scope: Scope, hasSuper = false): void {
    const isArrow = node.type === 'ArrowFunctionExpression';
    const named = new Scope(scope);
    if (node.type === 'FunctionExpression') this.#declare(node.id, named, named);
    const outer = new Scope(named, true);
    if (!isArrow) for (const name of ['this', 'arguments', 'new.target']) outer.names.add(name);
    if (hasSuper) outer.names.add('super');
    for (const parameter of node.params as Tree[]) this.#declare(parameter, outer, outer);
    const body = node.body as Tree;
    const inner = new Scope(outer, true);
    this.walk(body.type === 'BlockStatement' ? body.body : body, inner);
  }

  #class(node: Tree, scope: Scope): void {
    const named = new Scope(scope);
    this.#declare(node.id, named, named);
    this.walk(node.superClass, named);
    const inner = new Scope(named);
    const members = (node.body as Tree).body as Tree[];
    for (const { key } of members) {
      if (isTree(key) && key.type === 'PrivateIdentifier') inner.names.add(`#${key.name}`);
    }
    for (const member of members) this.walk(member, inner);
  }

  /** Declares the names of a pattern, and walks through the values in it. */
  #declare(node: unknown, into: Scope, scope: Scope): void {
    if (!isTree(node)) return;
    switch (node.type) {
      case 'Identifier':
        into.names.add(node.name as string);
        return;
      case 'AssignmentPattern':
        this.#declare(node.left, into, scope);
        this.walk(node.right, scope);
        return;
      case 'RestElement':
        this.#declare(node.argument, into, scope);
        return;
      case 'ArrayPattern':
        for (const element of node.elements as unknown[]) this.#declare(element, into, scope);
        return;
      case 'ObjectPattern':
        for (const property of node.properties as Tree[]) {
          if (property.computed) this.walk(property.key, scope);
          this.#declare(property.type === 'Property' ? property.value : property, into, scope);
        }
        return;
      default:
        throw new Error(`no pattern: ${node.type}`);
    }
  }

  #initialiser(node: unknown, scope: Scope): void {
    const inner = new Scope(scope, true);
    for (const name of ['this', 'arguments', 'new.target', 'super']) inner.names.add(name);
    this.walk(node, inner);
  }

  #inBlock(node: Tree, scope: Scope): void {
    this.#children(node, new Scope(scope));
  }

  readonly #visitors: {
    readonly [type: string]: ((node: Tree, scope: Scope) => void) | undefined;
  } = {
    Identifier: (node, scope) => this.#use(node.name as string, scope),
    PrivateIdentifier: (node, scope) => this.#use(`#${node.name}`, scope),
    ThisExpression: (_, scope) => this.#use('this', scope),
    Super: (_, scope) => this.#use('super', scope),
    MetaProperty: (node, scope) => {
      const [meta, property] = [node.meta, node.property] as Tree[];
      this.#use(`${meta?.name}.${property?.name}`, scope);
    },
    MemberExpression: (node, scope) => {
      this.walk(node.object, scope);
      const property = node.property as Tree;
      if (node.computed || property.type === 'PrivateIdentifier') this.walk(property, scope);
    },
    Property: (node, scope) => {
      if (node.computed) this.walk(node.key, scope);
      const isMethod = node.method || node.kind !== 'init';
      if (isMethod) this.function(node.value as Tree, scope, true);
      else this.walk(node.value, scope);
    },
    MethodDefinition: (node, scope) => {
      if (node.computed) this.walk(node.key, scope);
      this.function(node.value as Tree, scope, true);
    },
    PropertyDefinition: (node, scope) => {
      if (node.computed) this.walk(node.key, scope);
      this.#initialiser(node.value, scope);
    },
    StaticBlock: (node, scope) => this.#initialiser(node.body, scope),
    CallExpression: (node, scope) => {
      const callee = node.callee as Tree;
      const isEval = callee.type === 'Identifier' && callee.name === 'eval';
      if (isEval && !node.optional) this.#use('eval(…)', scope);
      this.#children(node, scope);
    },
    FunctionExpression: (node, scope) => this.function(node, scope),
    ArrowFunctionExpression: (node, scope) => this.function(node, scope),
    FunctionDeclaration: (node, scope) => {
      this.#declare(node.id, scope, scope);
      this.function(node, scope);
    },
    ClassExpression: (node, scope) => this.#class(node, scope),
    ClassDeclaration: (node, scope) => {
      this.#declare(node.id, scope, scope);
      this.#class(node, scope);
    },
    VariableDeclaration: (node, scope) => {
      const into = node.kind === 'var' ? scope.function : scope;
      for (const { id, init } of node.declarations as Tree[]) {
        this.#declare(id, into, scope);
        this.walk(init, scope);
      }
    },
    BlockStatement: (node, scope) => this.#inBlock(node, scope),
    ForStatement: (node, scope) => this.#inBlock(node, scope),
    ForInStatement: (node, scope) => this.#inBlock(node, scope),
    ForOfStatement: (node, scope) => this.#inBlock(node, scope),
    SwitchStatement: (node, scope) => {
      this.walk(node.discriminant, scope);
      this.walk(node.cases, new Scope(scope));
    },
    CatchClause: (node, scope) => {
      const inner = new Scope(scope);
      this.#declare(node.param, inner, inner);
      this.walk(node.body, inner);
    },
    LabeledStatement: (node, scope) => this.walk(node.body, scope),
    BreakStatement: () => undefined,
    ContinueStatement: () => undefined,
  };
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && 'type' in value;
}

/** The free variables of the function at this node: without its own name, and of a method without what its name uses. */
export function freeOf(node: Tree): Set<string> {
  const analysis = new Analysis();
  const isMethod = node.type === 'MethodDefinition' || node.type === 'Property';
  const scope = new Scope(undefined, true);
  if (node.type === 'FunctionDeclaration') scope.names.add((node.id as Tree).name as string);
  analysis.function((isMethod ? node.value : node) as Tree, scope);
  return analysis.free;
}

/** Finds all functions in a tree: the nodes whose text is what `toString` gives. */
export function* functionsIn(node: unknown): Generator<Tree> {
  if (Array.isArray(node)) for (const each of node) yield* functionsIn(each);
  else if (isTree(node)) {
    const isMethod =
      node.type === 'MethodDefinition' ||
      (node.type === 'Property' && (node.method || node.kind !== 'init'));
    if (isMethod) {
      if (node.kind !== 'constructor') yield node;
      yield* functionsIn(node.key);
      const { params, body } = node.value as { params: unknown; body: unknown };
      yield* functionsIn(params);
      yield* functionsIn(body);
      return;
    }
    if (/^(?:Function|ArrowFunction)/.test(node.type)) yield node;
    for (const child of Object.values(node)) {
      if (typeof child === 'object' && child !== null) yield* functionsIn(child);
    }
  }
}

/** The text of such a function. */
export function textOf(node: Tree, source: string): string {
  const text = source.slice(node.start, node.end);
  return node.static === true ? text.replace(/^static\s*/, '') : text;
}
