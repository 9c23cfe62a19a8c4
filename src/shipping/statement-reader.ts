/**
 * Reads statements. See free-variables.ts.
 *
 * @module
 */
import { type Declare, ExpressionReader } from './expression-reader.ts';
import { Names } from './names.ts';

/** Reads the body of a function. */
export class StatementReader extends ExpressionReader {
  /** A whole function, of which the tokens before the parameters have been read if it is a method. */
  root(isMethod: boolean): void {
    if (isMethod) this.callable(false);
    else this.assignment();
  }

  protected override statements(): void {
    while (!this.is('}')) {
      if (this.peek().start === -1) throw new SyntaxError('Expected the end of a block');
      this.#statement();
    }
  }

  #statement(): void {
    if (this.take(';')) return;
    const { kind, text } = this.peek();
    if (kind === 'mark' && text === '{') this.#block();
    else if (kind === 'name' && this.#keyword(text)) return;
    else if (kind === 'name' && this.is(':', 1)) {
      this.at += 2;
      this.#statement();
    } else {
      this.expression();
      this.take(';');
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
    if (this.is(':', 1)) return false;
    const declared = this.#declaration();
    if (declared !== undefined) {
      this.#variables(declared, false);
      this.take(';');
      return true;
    }
    if (word === 'function' || this.asyncFunctionFollows()) {
      this.function((name) => this.names.declare(name));
      return true;
    }
    const read = Object.hasOwn(this.#readers, word) ? this.#readers[word] : undefined;
    if (read === undefined) return false;
    if (word !== 'class') this.at += 1;
    read();
    return true;
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
      this.take(';');
    },
    switch: () => this.#switch(),
    try: () => this.#try(),
    return: () => this.#result(),
    throw: () => this.#result(),
    break: () => this.#jump(),
    continue: () => this.#jump(),
    debugger: () => void this.take(';'),
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
    const { kind, text, newLine } = this.peek();
    if (!(newLine || (kind === 'mark' && (text === ';' || text === '}')))) this.expression();
    this.take(';');
  }

  #jump(): void {
    const { kind, newLine } = this.peek();
    if (kind === 'name' && !newLine) this.at += 1;
    this.take(';');
  }

  /** How the declaration that begins here declares, with its keyword read; undefined if none does. */
  #declaration(): Declare | undefined {
    const ofBlock: Declare = (name) => this.names.declare(name);
    if (this.take('var')) return (name) => this.names.declareVar(name);
    if (this.take('const')) return ofBlock;
    const skip = this.is('await') && this.is('using', 1) ? 1 : 0;
    const next = this.peek(skip + 1);
    const named = next.kind === 'name' && !(next.text === 'in' || next.text === 'instanceof');
    if (this.is('let') && (named || next.text === '[' || next.text === '{')) {
      this.at += 1;
      return ofBlock;
    }
    const isUsing = this.is('using', skip) && named && next.text !== 'of' && !next.newLine;
    if (!isUsing) return undefined;
    this.at += skip + 1;
    return ofBlock;
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
      const declared = this.#declaration();
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
