/**
 * Draws texts of functions by a grammar of the language, with what makes it hard to read: slashes, words that are names and keywords,
 * blanks and comments in odd places, scopes within scopes. Not every text is code, but most are.
 *
 * @module
 */

import {
  Dice,
  KEYWORDS,
  MAY,
  MAY_IN_LINE,
  MUST,
  MUST_IN_LINE,
  NAMES,
  PROPERTIES,
  REGULAR,
} from './dice.ts';

interface Place {
  readonly isAsync: boolean;
  readonly isGenerator: boolean;
  /** Is it inside a function that is no arrow? */
  readonly hasArguments: boolean;
  readonly hasSuper: boolean;
  readonly inLoop: boolean;
}

const OUTSIDE: Place = {
  isAsync: false,
  isGenerator: false,
  hasArguments: false,
  hasSuper: false,
  inLoop: false,
};

/** Draws the text of a function, and of what must be around it: a method is drawn with the object or class that it is one of. */
export function drawFunction(seed: number): string {
  return new Drawing(seed).root();
}

class Drawing extends Dice {
  root(): string {
    return this.blanks(this.#root());
  }

  #root(): string {
    const method = (place: Partial<Place>) => this.#callable({ ...place, hasSuper: true });
    return this.pick([
      () => this.#function('', OUTSIDE),
      () => this.#function(this.#name(), OUTSIDE),
      () => this.#arrow(OUTSIDE),
      () => this.#arrow(OUTSIDE),
      () => this.#arrow(OUTSIDE),
      () => `({${MAY}${this.#method(OUTSIDE)}})`,
      () => `(class${MUST}{ static${MUST}${this.#method(OUTSIDE)}})`,
      () => `(class${MUST}{ #p = 1; static${MUST}m${MAY}${method({})}; static #q() { } })`,
    ])();
  }

  #name(): string {
    const name = this.pick(NAMES);
    if (KEYWORDS.has(name) && this.chance(85)) return this.#name();
    if (!this.chance(3)) return name;
    const code = name.charCodeAt(0).toString(16);
    return (this.chance(50) ? `\\u00${code}` : `\\u{${code}}`) + name.slice(1);
  }

  #regex(): string {
    return this.pick(REGULAR) + this.pick(['', '', 'g', 'i']);
  }

  #atom(place: Place): string {
    return this.oneOf([
      () => this.#name(),
      () => this.#name(),
      () => this.#name(),
      () => this.pick(['1', '.5', '1_0', '0x1f', '2n', '1e1', '1.', '0b1', 'true', 'null']),
      () => this.pick(["'/'", '"`"', "'}'", "'\\''", '"${"', "'//'", "'a\\\nb'"]),
      () => this.#regex(),
      () => (place.hasArguments ? 'arguments' : this.#name()),
      () => (this.chance(30) ? 'this' : this.#name()),
      () => (place.hasSuper && this.chance(20) ? 'super.x' : this.#name()),
      () => (place.hasArguments && this.chance(20) ? `new${MAY}.${MAY}target` : this.#name()),
    ]);
  }

  #primary(place: Place): string {
    return this.oneOf([
      () => this.#atom(place),
      () => this.#atom(place),
      () => this.#atom(place),
      () => `(${MAY}${this.#expression(place)}${MAY})`,
      () => `[${this.several(3, () => this.#element(place), `,${MAY}`)}]`,
      () => this.#object(place),
      () => this.#template(place),
      () => this.#function(this.chance(50) ? this.#name() : '', place),
      () => this.#class(this.chance(50) ? this.#name() : '', place),
      () => `(${this.#arrow(place)})`,
    ]);
  }

  #element(place: Place): string {
    if (this.chance(10)) return '';
    return (this.chance(10) ? '...' : '') + this.#assignment(place);
  }

  #template(place: Place): string {
    const piece = () => this.pick(['', 'x', '\\`', '$', '/', '}', '{', "'", '\\${', '\n']);
    const hole = () => `\${${MAY}${this.#expression(place)}${MAY}}${piece()}`;
    return `\`${piece()}${this.several(2, hole, '')}\``;
  }

  #member(place: Place): string {
    const arguments_ = () => `(${this.several(2, () => this.#element2(place), `,${MAY}`)})`;
    const key = () => this.pick([...PROPERTIES, 'return', 'if', 'typeof', 'in', 'class', 'case']);
    return this.oneOf([
      () => '',
      () => `${MAY}.${MAY}${key()}${this.#member(place)}`,
      () => `${MAY}?.${key()}${this.#member(place)}`,
      () => `?.[${this.#expression(place)}]${this.#member(place)}`,
      () => `?.${arguments_()}`,
      () => `[${this.#expression(place)}]${this.#member(place)}`,
      () => `${MAY}${arguments_()}${this.#member(place)}`,
      () => this.#template(place),
    ]);
  }

  #element2(place: Place): string {
    return (this.chance(10) ? '...' : '') + this.#assignment(place);
  }

  #unary(place: Place): string {
    return this.oneOf([
      () => this.#atom(place),
      () => this.#primary(place) + this.#member(place),
      () => this.#primary(place) + this.#member(place),
      () => this.#primary(place) + this.#member(place),
      () => `${this.pick(['!', '-', '+', '~'])}${MAY}${this.#unary(place)}`,
      () => `${this.pick(['++', '--'])}${MAY}${this.#name()}`,
      () => `${this.#name()}${MAY_IN_LINE}${this.pick(['++', '--'])}`,
      () => `${this.pick(['typeof', 'void'])}${MUST}${this.#unary(place)}`,
      () => `new${MUST}${this.#primary(place)}${this.pick(['', '(1)', '.f', '.f(2)'])}`,
      () =>
        `${this.pick(['eval', '(eval)', '(0, eval)', 'eval?.'])}(${this.chance(50) ? "'x'" : "'1'"})`,
      () => (place.isAsync ? `await${MUST}${this.#unary(place)}` : this.#primary(place)),
    ]);
  }

  #binary(place: Place): string {
    const operator = () =>
      this.pick([
        ...Array(12).fill('/'),
        '+',
        '-',
        '*',
        '%',
        '<',
        '>',
        '===',
        '&',
        '&&',
        '&&',
        '>>',
        ' in ',
        ' instanceof ',
        '<!--',
        '\n-->',
        '-->',
      ]);
    let text = this.#unary(place);
    while (this.left > 0 && this.chance(40)) {
      text += `${MAY}${operator()}${MAY}${this.#unary(place)}`;
    }
    return text;
  }

  #assignment(place: Place): string {
    return this.oneOf([
      () => this.#binary(place),
      () => this.#binary(place),
      () => this.#binary(place),
      () => this.#arrow(place),
      () =>
        `${this.#binary(place)}${MAY}?${MAY}${this.#assignment(place)}${MAY}:${MAY}${this.#assignment(place)}`,
      () =>
        `${this.#name()}${MAY}${this.pick(['=', '+=', '??=', '/='])}${MAY}${this.#assignment(place)}`,
      () => `(${this.#pattern(place, 2)}${MAY}=${MAY}${this.#assignment(place)})`,
      () => {
        if (!place.isGenerator) return this.#binary(place);
        return this.chance(30) ? '(yield)' : `yield${MUST_IN_LINE}${this.#assignment(place)}`;
      },
    ]);
  }

  #expression(place: Place): string {
    let text = this.#assignment(place);
    if (this.chance(8)) text += `,${MAY}${this.#assignment(place)}`;
    return text;
  }

  #object(place: Place): string {
    const property = () =>
      this.oneOf([
        () => `${this.#key(place)}${MAY}:${MAY}${this.#assignment(place)}`,
        () => this.#name(),
        () => this.#method(place),
        () =>
          `valueOf()${MAY}{ return${MUST_IN_LINE}${this.#expression({ ...place, isGenerator: false, isAsync: false, hasArguments: true, hasSuper: true })}; }`,
        () => `...${this.#assignment(place)}`,
      ]);
    return `{${MAY}${this.several(3, property, `${MAY},${MAY}`)}${MAY}}`;
  }

  #key(place: Place): string {
    return this.oneOf([
      () => this.#name(),
      () => this.pick(['return', 'static', 'async', 'get', 'set', "'of'", '1', '"x"']),
      () => `[${this.#assignment(place)}]`,
    ]);
  }

  #method(place: Place): string {
    const [modifiers, kind] = this.pick([
      ['', {}],
      ['', {}],
      [`async${MUST_IN_LINE}`, { isAsync: true }],
      [`*${MAY}`, { isGenerator: true }],
      [`async${MUST_IN_LINE}*${MAY}`, { isAsync: true, isGenerator: true }],
      [`get${MUST}`, {}],
    ] as const);
    const key = this.#key(place);
    if (modifiers.startsWith('get'))
      return `${modifiers}${key}${MAY}()${MAY}${this.#body({ ...OUTSIDE, hasArguments: true, hasSuper: true })}`;
    return `${modifiers}${key}${MAY}${this.#callable({ ...kind, hasSuper: true })}`;
  }

  #function(name: string, place: Place): string {
    const isAsync = this.chance(15);
    const isGenerator = this.chance(20);
    const words = `${isAsync ? `async${MUST_IN_LINE}` : ''}function${isGenerator ? `${MAY}*${MAY}` : MUST}`;
    void place;
    return `${words}${name}${MAY}${this.#callable({ isAsync, isGenerator })}`;
  }

  #callable(kind: Partial<Place>): string {
    const place: Place = { ...OUTSIDE, ...kind, hasArguments: true };
    return `${this.#parameters(place)}${MAY}${this.#body(place)}`;
  }

  #parameters(place: Place): string {
    const plain = this.chance(40);
    const quiet = { ...place, isAsync: false, isGenerator: false };
    const names = plain
      ? this.several(3, () => this.#name(), `,${MAY}`)
      : this.several(3, () => this.#target(quiet), `${MAY},${MAY}`);
    return `(${MAY}${names}${this.chance(8) ? `${names === '' ? '' : ','}...${this.#name()}` : ''})`;
  }

  #target(place: Place): string {
    const target = this.#pattern(place, 60);
    return this.chance(45) ? `${target}${MAY}=${MAY}${this.#assignment(place)}` : target;
  }

  /** A name, or an array or object of names. */
  #pattern(place: Place, names: number): string {
    if (this.left <= 0 || this.chance(names)) return this.#name();
    if (this.chance(50)) return `[${this.several(2, () => this.#target(place), `,${MAY}`)}]`;
    const entry = () =>
      this.chance(50)
        ? `${this.#key(place)}${MAY}:${MAY}${this.#target(place)}`
        : `${this.#name()}${this.chance(40) ? `${MAY}=${MAY}${this.#assignment(place)}` : ''}`;
    return `{${this.several(2, entry, `,${MAY}`)}}`;
  }

  #arrow(place: Place): string {
    const isAsync = this.chance(20);
    const inner = { ...place, isAsync, isGenerator: false, inLoop: false };
    const parameters = this.chance(40)
      ? this.#name()
      : this.#parameters({ ...inner, isAsync: false });
    const body = this.chance(60) ? this.#body(inner) : this.#concise(inner);
    return `${isAsync ? `async${MUST_IN_LINE}` : ''}${parameters}${MAY_IN_LINE}=>${MAY}${body}`;
  }

  #concise(place: Place): string {
    const text = this.#assignment(place);
    return text.startsWith('{') ? `(${text})` : text;
  }

  #body(place: Place): string {
    const start = this.chance(4) ? `'use strict'${this.pick([';', '\n'])}` : '';
    return `{${start}$fuel();${MAY}${this.#statements({ ...place, inLoop: false }, 4)}${this.chance(75) ? `return${MUST_IN_LINE}${this.#expression(place)}${this.#end()}` : ''}}`;
  }

  #statements(place: Place, most: number): string {
    return this.several(most, () => this.#statement(place), MAY);
  }

  #end(): string {
    return this.pick([';', ';', ';', '\n', '\n', ' // "\n', '/*\n*/']);
  }

  #statement(place: Place): string {
    const loop = { ...place, inLoop: true };
    const block = (of = place) => `{${MAY}${this.#statements(of, 2)}${MAY}}`;
    const body = (of = place) => (this.chance(60) ? block(of) : this.#simple(of));
    const condition = () => `(${this.#expression(place)})`;
    return this.oneOf([
      () => this.#simple(place),
      () => this.#simple(place),
      () => this.#simple(place),
      () => this.#declaration(place),
      () => this.#declaration(place),
      () => block(),
      () =>
        `if${MAY}${condition()}${MAY}${body()}${this.chance(40) ? `${MAY}else${MUST}${body()}` : ''}`,
      () =>
        `for${MAY}(${this.pick(['let', 'const', 'var'])}${MUST}${this.#pattern(place, 70)} of [1, 2]${this.chance(20) ? `.concat(${this.#assignment(place)})` : ''})${MAY}${body(loop)}`,
      () => `for (let ${this.#name()} = 0, $i = 0; $i++ < 2;)${MAY}${body(loop)}`,
      () => `for (const ${this.#name()} in ${this.#object(place)})${MAY}${body(loop)}`,
      () => `for (${this.#name()} of [3])${MAY}${body(loop)}`,
      () => `do${MUST}${block(loop)}${MAY}while (false)${this.pick(['', ';', '\n'])}`,
      () =>
        `switch${MAY}${condition()} { case ${this.#expression(place)}: ${this.#statements(place, 2)} default${MAY}: ${this.#statements(place, 1)} }`,
      () =>
        `try${MAY}${block()}${MAY}catch${this.chance(70) ? `${MAY}(${this.#pattern(place, 70)})` : ''}${MAY}${block()}`,
      () =>
        `${this.#name()}${MAY}:${MAY}${this.pick([block(), `for (;;) { break; }`, this.#simple(place)])}`,
      () => `$fuel();`,
      () => (place.inLoop ? `${this.pick(['break', 'continue'])}${this.#end()}` : ';'),
      () => (this.chance(30) ? `with (${this.#name()}) ${block()}` : 'debugger;'),
      () => `throw${MUST_IN_LINE}${this.#expression(place)}${this.#end()}`,
      () => `${this.pick(['using', 'const'])}${MUST_IN_LINE}${this.#name()} = null${this.#end()}`,
    ]);
  }

  #simple(place: Place): string {
    const text = this.#expression(place);
    return (/^(?:\{|function|class|let|async)/.test(text) ? `(${text})` : text) + this.#end();
  }

  #declaration(place: Place): string {
    return this.oneOf([
      () => `var${MUST}${this.#target(place)}${this.#end()}`,
      () =>
        `${this.pick(['let', 'var'])}${MUST}${this.#name()}${MAY}=${MAY}${this.#assignment(place)}${this.#end()}`,
      () =>
        `const${MUST}${this.#pattern(place, 60)}${MAY}=${MAY}${this.#assignment(place)}${this.#end()}`,
      () => this.#function(this.#name(), place),
      () => this.#class(this.#name(), place),
    ]);
  }

  #class(name: string, place: Place): string {
    const inner = { ...OUTSIDE, hasSuper: true };
    const member = () =>
      this.oneOf([
        () => `${this.#key(place)}${this.#end()}`,
        () =>
          `${this.chance(50) ? `static${MUST}` : ''}${this.#key(place)}${MAY}=${MAY}${this.#assignment(inner)}${this.#end()}`,
        () => `${this.chance(50) ? `static${MUST}` : ''}${this.#method(place)}`,
        () => `static${MAY}{${this.#statements(inner, 2)}}`,
        () => `#p = ${this.#assignment(inner)}${this.#end()}`,
        () => `static m()${MAY}{ return ${this.pick(['this.#p', '#p in this'])}; }`,
        () => ';',
      ]);
    const heritage = this.chance(25)
      ? `${MUST}extends${MUST}${this.pick(['Object', 'null', this.#primary(place)])}`
      : '';
    return `class${MUST}${name}${heritage}${MAY}{${this.several(3, member, MAY)}}`;
  }
}
