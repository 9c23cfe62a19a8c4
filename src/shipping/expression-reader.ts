/**
 * Reads expressions, patterns, functions and classes, and notes the names in them. See free-variables.ts.
 *
 * @module
 */
import { functionNames, Names } from './names.ts';
import { TokenReader } from './token-reader.ts';

const BINARY = new Set(
  '+ - * / % ** == != === !== < > <= >= << >> >>> & | ^ && || ?? = += -= *= /= %= **= <<= >>= >>>= &= |= ^= &&= ||= ??='.split(
    ' ',
  ),
);
const PREFIX_MARKS = new Set(['!', '~', '+', '-', '++', '--']);
const PREFIX_WORDS = new Set(['typeof', 'void', 'delete', 'await']);
const LITERALS = new Set(['true', 'false', 'null']);
const ENDS = new Set([')', ']', '}', ',', ';', ':']);
const MODIFIERS = new Set(['async', 'get', 'set', 'static', 'accessor']);

/** Declares a name: of a block, of a function, or nothing at all. */
export type Declare = (name: string) => void;

/** The part of the reader that knows no statements. */
export abstract class ExpressionReader extends TokenReader {
  protected abstract statements(): void;

  /** A list of expressions with commas between. */
  protected expression(noIn = false): void {
    do this.assignment(noIn);
    while (this.take(','));
  }

  /** One expression: what may stand between two commas. */
  protected assignment(noIn = false): void {
    for (;;) {
      if (this.is('yield') && this.#yieldsNothing()) {
        this.at += 1;
        return;
      }
      if (this.#arrow()) return;
      this.operand();
      const { kind, text } = this.peek();
      if (kind === 'mark' && text === '?') {
        this.at += 1;
        this.assignment();
        this.expect(':');
      } else if (
        (kind === 'mark' && BINARY.has(text)) ||
        (kind === 'name' && (text === 'instanceof' || (text === 'in' && !noIn)))
      ) {
        this.at += 1;
      } else return;
    }
  }

  #yieldsNothing(): boolean {
    const { kind, text, newLine } = this.peek(1);
    return newLine || (kind === 'mark' && ENDS.has(text)) || text === 'in' || text === 'of';
  }

  /** A value with the operators before and after it. */
  protected operand(): void {
    for (;;) {
      const { kind, text } = this.peek();
      if (kind === 'mark' && PREFIX_MARKS.has(text)) this.at += 1;
      else if (kind === 'name' && PREFIX_WORDS.has(text)) this.at += 1;
      else if (kind === 'name' && text === 'new' && !this.is('.', 1)) this.at += 1;
      else if (kind === 'name' && text === 'yield') {
        this.at += this.is('*', 1) ? 2 : 1;
      } else break;
    }
    this.#primary();
    this.#postfix();
  }

  #postfix(): void {
    for (;;) {
      const { kind, text, newLine } = this.peek();
      if (kind === 'template') {
        if (!text.startsWith('`')) return;
        this.#template();
        continue;
      }
      if (kind !== 'mark') return;
      if (text === '.') {
        this.at += 1;
        this.#member();
      } else if (text === '?.') {
        this.at += 1;
        const next = this.peek().kind;
        if (next === 'name' || next === 'private') this.#member();
      } else if (text === '[') {
        this.at += 1;
        this.expression();
        this.expect(']');
      } else if (text === '(') this.#list(')');
      else if ((text === '++' || text === '--') && !newLine) this.at += 1;
      else return;
    }
  }

  /** What follows a dot. */
  #member(): void {
    const { kind, text } = this.peek();
    if (kind === 'private') this.use(text);
    this.at += 1;
  }

  /** Arguments or the elements of an array, from the opening to the closing bracket. */
  #list(closing: string): void {
    this.at += 1;
    while (!this.take(closing)) {
      if (this.take(',') || this.take('...')) continue;
      this.assignment();
    }
  }

  #template(): void {
    while (this.peek().text.endsWith('${')) {
      this.at += 1;
      this.expression();
      if (this.peek().kind !== 'template') throw new SyntaxError('Expected the rest of a template');
    }
    this.at += 1;
  }

  #primary(): void {
    const { kind, text } = this.peek();
    if (kind === 'template') this.#template();
    else if (kind === 'mark') this.#bracketed(text);
    else if (kind === 'name') this.#word(text);
    else {
      if (kind === 'private') this.use(text);
      this.at += 1;
    }
  }

  #bracketed(text: string): void {
    if (text === '(') {
      this.at += 1;
      this.expression();
      this.expect(')');
    } else if (text === '[') this.#list(']');
    else if (text === '{') this.#object();
    else if (text === '@') {
      this.at += 1;
      this.operand();
      this.#primary();
    } else throw new SyntaxError(`Expected a value: got ${text}`);
  }

  #word(text: string): void {
    if (text === 'function' || this.asyncFunctionFollows()) this.function(undefined);
    else if (text === 'class') this.class(undefined);
    else {
      this.at += 1;
      if (text === 'import') this.#import();
      else if (text === 'new') {
        this.at += 2;
        this.use('new.target');
      } else if (!LITERALS.has(text)) this.use(text);
    }
  }

  #import(): void {
    if (this.take('.') && this.take('meta')) this.use('import.meta');
    else {
      // `import.defer(…)` and its like
      if (!this.is('(')) this.at += 1;
      this.noteImport();
    }
  }

  /** Is this `async function`? */
  protected asyncFunctionFollows(): boolean {
    return this.is('async') && this.is('function', 1) && !this.peek(1).newLine;
  }

  /** Reads an arrow function if there is one. */
  #arrow(): boolean {
    const from = this.is('async') && !this.peek(1).newLine && !this.is('=>', 1) ? 1 : 0;
    const single = this.peek(from).kind === 'name' && this.is('=>', from + 1);
    if (!(single || (this.is('(', from) && this.afterBrackets(from) === '=>'))) return false;
    this.at += from;
    this.within(functionNames(this.names, true), () => {
      if (single) {
        this.names.declare(this.peek().text);
        this.at += 1;
      } else this.#parameters();
      this.expect('=>');
      if (this.is('{')) this.#body();
      else this.assignment();
    });
    return true;
  }

  /** `function`, with the words before it, up to its end. Without `declare` its name is known inside only. */
  protected function(declare: Declare | undefined): void {
    this.take('async');
    this.expect('function');
    this.take('*');
    const around = new Names(this.names, false);
    if (!this.is('(')) {
      (declare ?? ((name) => around.declare(name)))(this.peek().text);
      this.at += 1;
    }
    this.within(around, () => this.callable(false));
  }

  /** Parameters and body of a function that is no arrow. */
  protected callable(isMethod: boolean): void {
    const names = functionNames(this.names, false);
    if (isMethod) names.declare('super');
    this.within(names, () => {
      this.#parameters();
      this.#body();
    });
  }

  #parameters(): void {
    this.expect('(');
    while (!this.take(')')) {
      if (this.take(',') || this.take('...')) continue;
      this.pattern((name) => this.names.declare(name));
      if (this.take('=')) this.assignment();
    }
  }

  #body(): void {
    this.expect('{');
    this.statements();
    this.expect('}');
  }

  /** What stands where a variable is declared: a name, or a pattern of names. */
  protected pattern(declare: Declare): void {
    if (this.take('[')) {
      while (!this.take(']')) {
        if (this.take(',') || this.take('...')) continue;
        this.pattern(declare);
        if (this.take('=')) this.assignment();
      }
      return;
    }
    if (!this.take('{')) {
      if (this.peek().kind !== 'name')
        throw new SyntaxError(`Expected a name: ${this.peek().text}`);
      declare(this.peek().text);
      this.at += 1;
      return;
    }
    while (!this.take('}')) {
      if (this.take(',')) continue;
      if (this.take('...')) this.pattern(declare);
      else {
        const { text } = this.peek();
        this.#key();
        if (this.take(':')) this.pattern(declare);
        else declare(text);
        if (this.take('=')) this.assignment();
      }
    }
  }

  #key(): void {
    if (this.take('[')) {
      this.assignment();
      this.expect(']');
    } else this.at += 1;
  }

  #object(): void {
    this.expect('{');
    while (!this.take('}')) {
      if (this.take(',')) continue;
      if (this.take('...')) {
        this.assignment();
        continue;
      }
      this.#modifiers();
      const { text } = this.peek();
      this.#key();
      if (this.is('(')) this.callable(true);
      else if (this.take(':')) this.assignment();
      else {
        this.use(text);
        if (this.take('=')) this.assignment();
      }
    }
  }

  /** Skips `async`, `*`, `get` and the like, where they are no key themselves. */
  #modifiers(): void {
    for (;;) {
      if (this.take('*')) continue;
      const { kind, text } = this.peek();
      const next = this.peek(1);
      const isKey = next.kind === 'mark' && !(next.text === '[' || next.text === '*');
      if (kind !== 'name' || !MODIFIERS.has(text) || isKey) return;
      this.at += 1;
    }
  }

  /** `class` up to its end. Without `declare` its name is known inside only. */
  protected class(declare: Declare | undefined): void {
    this.expect('class');
    const around = new Names(this.names, false);
    if (!(this.is('extends') || this.is('{'))) {
      const { text } = this.peek();
      declare?.(text);
      around.declare(text);
      this.at += 1;
    }
    this.within(around, () => {
      if (this.take('extends')) this.operand();
      this.expect('{');
      while (!this.take('}')) this.#classMember();
    });
  }

  #classMember(): void {
    if (this.take(';')) return;
    if (this.take('@')) this.operand();
    else if (this.is('static') && this.is('{', 1)) {
      this.at += 1;
      this.#initialiser(() => this.#body());
    } else {
      this.#modifiers();
      const { kind, text } = this.peek();
      if (kind === 'private') this.names.declare(text);
      this.#key();
      if (this.is('(')) this.callable(true);
      else if (this.take('=')) this.#initialiser(() => this.assignment());
    }
  }

  /** A static block or the value of a field: a function without parameters. */
  #initialiser(read: () => void): void {
    const names = functionNames(this.names, false);
    names.declare('super');
    this.within(names, read);
  }
}
