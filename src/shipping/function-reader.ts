/**
 * Reads functions, patterns and classes, and notes what they declare. See free-variables.ts.
 *
 * @module
 */
import { ExpressionReader } from './expression-reader.ts';
import { type Frame, Names, type Receiver } from './names.ts';

/** Declares a name: of a block, of a function, or nothing at all. */
export type Declare = (name: string) => void;

/** What is written before the name of a function. */
export interface Modifiers {
  readonly isAsync: boolean;
  readonly isGenerator: boolean;
}

const PLAIN: Modifiers = { isAsync: false, isGenerator: false };
const OUTSIDE: Frame = {
  ...PLAIN,
  isStrict: false,
  receiver: { kind: 'none', mapsArguments: false },
};

const AROUND: Receiver = { kind: 'around', mapsArguments: false };

/** What code says that is another thing in sloppy mode; the words: see refusal.ts. */
export const MAPPED_ARGUMENTS = 'sloppy arguments';
export const SLOPPY_THIS = 'sloppy this';
export const HOISTED = 'a hoisted function';

/** The part of the reader that knows no statements. */
export abstract class FunctionReader extends ExpressionReader {
  protected frame: Frame = OUTSIDE;
  /** Does the function use its own `this`, also in arrow functions inside? */
  usesThis = false;
  readonly #sloppy = new Set<string>();
  #own: { readonly name: string; readonly names: Names } | undefined;

  protected abstract statements(): void;

  /** What is in it that means another thing in sloppy mode, unless the text says that it is strict code. */
  get sloppy(): string[] {
    return [...this.#sloppy, ...(this.usesHoisted ? [HOISTED] : [])];
  }

  /** Does the function use the name that is written after `function`? */
  get usesOwnName(): boolean {
    return this.#own !== undefined && this.uses(this.#own.name, this.#own.names);
  }

  protected override receive(name: string): void {
    const { isStrict, receiver } = this.frame;
    if (name === 'this') {
      const { kind } = receiver;
      if (kind === 'root' || kind === 'method') this.usesThis = true;
      if ((kind === 'root' || kind === 'inner') && !isStrict) this.#sloppy.add(SLOPPY_THIS);
    } else if (receiver.mapsArguments && !isStrict && !(this.is('.') && this.is('length', 1))) {
      this.#sloppy.add(MAPPED_ARGUMENTS);
    }
  }

  #inFrame(frame: Frame, names: Names, read: () => void): void {
    const outer = this.frame;
    this.frame = frame;
    this.within(names, read);
    this.frame = outer;
  }

  protected override arrow(isAsync: boolean): void {
    const { isStrict, receiver: outer } = this.frame;
    const receiver = outer.kind === 'none' ? AROUND : outer;
    const frame = { isAsync, isGenerator: false, isStrict, receiver };
    this.#inFrame(frame, new Names(this.names, true), () => {
      let isSimple = true;
      if (this.is('(')) isSimple = this.#parameters();
      else this.#name((name) => this.names.declare(name));
      if (this.peek().newLine) throw this.unexpected();
      this.expect('=>');
      if (this.is('{')) this.#body(isSimple);
      else this.assignment();
    });
  }

  /** `function`, with the words before it, up to its end. Without `declare` its name is known inside only. */
  protected override function(declare?: Declare): void {
    const isAsync = this.take('async');
    this.expect('function');
    const isGenerator = this.take('*');
    let around = this.names;
    if (!this.is('(')) {
      if (declare === undefined) around = new Names(this.names, false);
      if (this.frame.receiver.kind === 'none')
        this.#own = { name: this.peek().text, names: around };
      this.#name(declare ?? ((name) => around.declare(name)));
    }
    this.within(around, () => this.callable({ isAsync, isGenerator }, false));
  }

  /** Parameters and body of a function that is no arrow. */
  protected callable(modifiers: Modifiers, isMethod: boolean): void {
    const isRoot = this.frame.receiver.kind === 'none';
    const names = this.#receiving(isMethod && !isRoot);
    const kind = isRoot ? (isMethod ? 'method' : 'root') : 'inner';
    const receiver = { kind, mapsArguments: false } as const;
    const { isStrict } = this.frame;
    this.#inFrame({ ...modifiers, isStrict, receiver }, names, () => {
      const hasSome = !this.is(')', 1);
      const isSimple = this.#parameters();
      const mapsArguments = isSimple && hasSome;
      this.frame = { ...this.frame, receiver: { kind, mapsArguments } };
      this.#body(isSimple);
    });
  }

  /** The scope of what has its own `this`, `arguments` and `new.target`, and perhaps `super`. */
  #receiving(hasSuper: boolean): Names {
    const names = new Names(this.names, true);
    names.declare('this');
    names.declare('arguments');
    names.declare('new.target');
    if (hasSuper) names.declare('super');
    return names;
  }

  /** Reads parameters; gives whether each is a name and nothing more. */
  #parameters(): boolean {
    let isSimple = true;
    this.expect('(');
    while (!this.take(')')) {
      if (this.take('...') || this.peek().kind !== 'name') isSimple = false;
      this.pattern((name) => this.names.declare(name));
      if (this.take('=')) {
        isSimple = false;
        this.assignment();
      }
      if (!this.is(')')) this.expect(',');
    }
    return isSimple;
  }

  /** Beside parameters that are more than names the body has a scope of its own: what they use is not what it declares. */
  #body(isSimple: boolean): void {
    const names = isSimple ? this.names : new Names(this.names, true);
    this.within(names, () => {
      this.expect('{');
      if (!this.frame.isStrict && this.#saysStrict())
        this.frame = { ...this.frame, isStrict: true };
      this.statements();
      this.expect('}');
    });
  }

  #saysStrict(): boolean {
    for (let ahead = 0; this.peek(ahead).kind === 'string'; ahead += 2) {
      const isEnded = this.is(';', ahead + 1);
      if (/^.use strict.$/.test(this.peek(ahead).text)) return isEnded || this.is('}', ahead + 1);
      if (!isEnded) return false;
    }
    return false;
  }

  #name(declare: Declare): void {
    const { kind, text } = this.peek();
    if (kind !== 'name') throw this.unexpected();
    declare(text);
    this.at += 1;
  }

  /** What stands where a variable is declared: a name, or a pattern of names. */
  protected pattern(declare: Declare): void {
    if (this.take('[')) {
      while (!this.take(']')) {
        if (this.take(',') || this.take('...')) continue;
        this.pattern(declare);
        if (this.take('=')) this.assignment();
        if (!this.is(']')) this.expect(',');
      }
    } else if (this.take('{')) {
      while (!this.take('}')) {
        if (this.take('...')) this.pattern(declare);
        else this.#entry(declare);
        if (this.take('=')) this.assignment();
        if (!this.is('}')) this.expect(',');
      }
    } else this.#name(declare);
  }

  #entry(declare: Declare): void {
    const { kind, text } = this.peek();
    this.key();
    if (this.take(':')) this.pattern(declare);
    else if (kind === 'name') declare(text);
    else throw this.unexpected();
  }

  protected override property(): void {
    const modifiers = this.modifiers();
    const { kind, text } = this.peek();
    this.key();
    if (this.is('(')) this.callable(modifiers, true);
    else if (this.take(':')) this.assignment();
    else if (kind === 'name') {
      this.use(text);
      if (text === 'arguments') this.receive(text);
      if (this.take('=')) this.assignment();
    } else throw this.unexpected();
  }

  /** Takes `async`, `*`, `get` and the like, where they are no key themselves. */
  protected modifiers(): Modifiers {
    if (this.is('static') && (this.#keyFollows() || this.is('*', 1))) this.at += 1;
    const isOfLine = !this.peek(1).newLine;
    const isAsync = this.is('async') && isOfLine && (this.#keyFollows() || this.is('*', 1));
    const isAccessor = this.is('get') || this.is('set') || (this.is('accessor') && isOfLine);
    if (isAsync || (isAccessor && this.#keyFollows())) this.at += 1;
    return { isAsync, isGenerator: this.take('*') };
  }

  #keyFollows(): boolean {
    const { kind, code } = this.peek(1);
    return code === '[' || !(kind === 'mark' || kind === 'end' || kind === 'template');
  }

  /** `class` up to its end. Without `declare` its name is known inside only. */
  protected override class(declare?: Declare): void {
    this.expect('class');
    const outer = this.frame;
    this.frame = { ...outer, isStrict: true };
    const around = new Names(this.names, false);
    if (!(this.is('extends') || this.is('{'))) {
      this.#name((name) => {
        declare?.(name);
        around.declare(name);
      });
    }
    this.within(around, () => {
      // What it extends does not know its private names.
      if (this.take('extends')) this.heritage();
      this.expect('{');
      this.within(new Names(around, false), () => {
        while (!this.take('}')) this.#classMember();
      });
    });
    this.frame = outer;
  }

  #classMember(): void {
    if (this.take(';')) return;
    if (this.is('static') && this.is('{', 1)) {
      this.at += 1;
      this.#initialiser(() => this.#body(true));
      return;
    }
    const modifiers = this.modifiers();
    const { kind, text } = this.peek();
    if (kind === 'private') this.names.declare(text);
    this.key();
    if (this.is('(')) this.callable(modifiers, true);
    else {
      if (this.take('=')) this.#initialiser(() => this.assignment());
      this.endOfLine();
    }
  }

  /** A static block or the value of a field: a function without parameters. */
  #initialiser(read: () => void): void {
    const receiver: Receiver = { kind: 'initialiser', mapsArguments: false };
    this.#inFrame({ ...PLAIN, isStrict: true, receiver }, this.#receiving(true), read);
  }

  /** Takes the semicolon at the end of a statement, or sees that it may be missing. */
  protected endOfLine(): void {
    if (this.take(';')) return;
    const { kind, code, newLine } = this.peek();
    if (!(newLine || code === '}' || kind === 'end')) throw this.unexpected();
  }
}
