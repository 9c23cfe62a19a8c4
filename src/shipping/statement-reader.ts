/**
 * Reads statements. See free-variables.ts.
 *
 * @module
 */
import { type Declare, FunctionReader } from './function-reader.ts';
import { Names } from './names.ts';

/** Reads the body of a function. */
export class StatementReader extends FunctionReader {
  protected override statements(): void {
    while (!this.is('}')) {
      if (this.peek().kind === 'end') throw this.unexpected();
      this.#statement();
    }
  }

  #statement(): void {
    if (this.take(';')) return;
    const { kind, code } = this.peek();
    if (code === '{') this.#block();
    else if (kind === 'name' && this.is(':', 1)) {
      this.at += 2;
      this.#statement();
    } else if (!this.#keyword(code)) {
      this.expression();
      this.endOfLine();
    }
  }

  #block(): void {
    this.within(new Names(this.names, false), () => {
      this.expect('{');
      this.statements();
      this.expect('}');
    });
  }

  /** Reads a statement that begins with a keyword, if this does. */
  #keyword(word: string): boolean {
    const declared = this.#declaration(false);
    if (declared !== undefined) {
      this.#variables(declared, false);
      this.endOfLine();
      return true;
    }
    if (word === 'function' || this.asyncFunctionFollows()) {
      this.#functionDeclaration(word === 'function' && !this.is('*', 1));
      return true;
    }
    const read = Object.hasOwn(this.#readers, word) ? this.#readers[word] : undefined;
    if (read === undefined) return false;
    if (word !== 'class') this.at += 1;
    read();
    return true;
  }

  #functionDeclaration(isPlain: boolean): void {
    this.function((name) => {
      this.names.declare(name);
      if (isPlain && !(this.names.ownsVars || this.frame.isStrict)) this.hoist(name);
    });
  }

  readonly #readers: { readonly [word: string]: (() => void) | undefined } = {
    class: () => this.class((name) => this.names.declare(name)),
    if: () => {
      this.#condition();
      this.#statement();
      if (this.take('else')) this.#statement();
    },
    for: () => this.#for(),
    while: () => {
      this.#condition();
      this.#statement();
    },
    do: () => {
      this.#statement();
      this.expect('while');
      this.#condition();
      // No end of a line is needed here.
      this.take(';');
    },
    switch: () => this.#switch(),
    try: () => this.#try(),
    return: () => this.#result(),
    throw: () => this.#result(),
    break: () => this.#jump(),
    continue: () => this.#jump(),
    debugger: () => this.endOfLine(),
    with: () => {
      this.#condition();
      this.#statement();
    },
  };

  #condition(): void {
    this.expect('(');
    this.expression();
    this.expect(')');
  }

  #result(): void {
    const { code, newLine } = this.peek();
    if (!(newLine || code === ';' || code === '}')) this.expression();
    this.endOfLine();
  }

  #jump(): void {
    const { kind, newLine } = this.peek();
    if (kind === 'name' && !newLine) this.at += 1;
    this.endOfLine();
  }

  /** How the declaration that begins here declares, with its keyword read; undefined if none does. */
  #declaration(inFor: boolean): Declare | undefined {
    if (this.take('var')) return (name) => this.names.declareVar(name);
    const isOfBlock = this.take('const') || this.take('let') || this.#using(inFor);
    return isOfBlock ? (name) => this.names.declare(name) : undefined;
  }

  /** Takes `using` or `await using`, if a name follows in that line. */
  #using(inFor: boolean): boolean {
    const skip = this.frame.isAsync && this.is('await') ? 1 : 0;
    if (!this.is('using', skip) || (skip === 1 && this.peek(1).newLine)) return false;
    const { kind, code, newLine } = this.peek(skip + 1);
    const isOperator =
      code === 'in' || code === 'instanceof' || (inFor && skip === 0 && code === 'of');
    if (kind !== 'name' || newLine || isOperator) return false;
    this.at += skip + 1;
    return true;
  }

  #variables(declare: Declare, noIn: boolean): void {
    do {
      this.pattern(declare);
      if (this.take('=')) this.assignment(noIn);
    } while (this.take(','));
  }

  #for(): void {
    this.take('await');
    this.within(new Names(this.names, false), () => {
      this.expect('(');
      const declared = this.#declaration(true);
      if (declared !== undefined) this.#variables(declared, true);
      else if (!this.is(';')) this.expression(true);
      if (this.take('of') || this.take('in')) this.expression();
      else {
        this.expect(';');
        if (!this.is(';')) this.expression();
        this.expect(';');
        if (!this.is(')')) this.expression();
      }
      this.expect(')');
      this.#statement();
    });
  }

  #switch(): void {
    this.#condition();
    this.within(new Names(this.names, false), () => {
      this.expect('{');
      while (!this.take('}')) {
        if (this.take('case')) this.expression();
        else if (!this.take('default')) {
          this.#statement();
          continue;
        }
        this.expect(':');
      }
    });
  }

  #try(): void {
    this.#block();
    if (this.take('catch')) {
      this.within(new Names(this.names, false), () => {
        if (this.take('(')) {
          this.pattern((name) => this.names.declare(name));
          this.expect(')');
        }
        this.#block();
      });
    }
    if (this.take('finally')) this.#block();
  }
}
