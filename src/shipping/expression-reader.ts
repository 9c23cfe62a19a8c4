/**
 * Reads expressions, and notes the names in them. No precedence is known: an expression is operands with operators between. See
 * free-variables.ts.
 *
 * @module
 */
import type { Frame } from './names.ts';
import { TokenReader } from './token-reader.ts';

const ASSIGNING = new Set('= += -= *= /= %= **= <<= >>= >>>= &= |= ^= &&= ||= ??='.split(' '));
const BINARY = new Set([
  ...ASSIGNING,
  ...'+ - * / % ** == != === !== < > <= >= << >> >>> & | ^ && || ??'.split(' '),
]);
const PREFIX = new Set(['!', '~', '+', '-', '++', '--', 'typeof', 'void', 'delete']);
const LITERALS = new Set(['true', 'false', 'null']);
const ENDS = new Set([')', ']', '}', ',', ';', ':']);
/** These cannot be the name of a variable: no value begins with them. */
const RESERVED = new Set(
  'break case catch const continue debugger default do else enum export extends finally for if in instanceof return switch throw try var while with'.split(
    ' ',
  ),
);

/** Uses that are no names of variables. What each is: see refusal.ts. */
export const DIRECT_EVAL = 'eval(…)';

/** The part of the reader that knows no functions and no statements. */
export abstract class ExpressionReader extends TokenReader {
  protected abstract readonly frame: Frame;
  /** Reads an arrow function, from its parameters on. */
  protected abstract arrow(isAsync: boolean): void;
  protected abstract function(): void;
  protected abstract class(): void;
  /** Reads one member of an object. */
  protected abstract property(): void;
  /** Notes that `this` or `arguments` is used. */
  protected abstract receive(name: string): void;

  /** The `(` of which it is known that the parameters of an arrow function begin with them. */
  readonly #arrows = new Set<number>();

  /** A list of expressions with commas between. */
  protected expression(noIn = false): void {
    do this.assignment(noIn);
    while (this.take(','));
  }

  /** One expression: what may stand between two commas. */
  protected assignment(noIn = false): void {
    for (;;) {
      if (this.frame.isGenerator && this.take('yield')) {
        const { code, kind, newLine } = this.peek();
        if (newLine || kind === 'end' || ENDS.has(code)) return;
        this.take('*');
        continue;
      }
      if (this.#operand()) return;
      const { code } = this.peek();
      if (code === '?') {
        this.at += 1;
        this.assignment();
        this.expect(':');
      } else if (BINARY.has(code) || code === 'instanceof' || (code === 'in' && !noIn)) {
        this.at += 1;
      } else return;
    }
  }

  /** A value with the operators before and after it. True if it is an arrow function, which no operator follows. */
  #operand(): boolean {
    this.#prefix();
    if (this.#primary()) return true;
    this.#postfix();
    return false;
  }

  /** What stands behind `extends`: a value with what is after it. */
  protected heritage(): void {
    this.#operand();
  }

  #prefix(): void {
    for (;;) {
      const { code } = this.peek();
      const isOperator =
        PREFIX.has(code) ||
        (code === 'await' && this.frame.isAsync) ||
        (code === 'new' && !this.is('.', 1));
      if (!isOperator) return;
      this.at += 1;
    }
  }

  #postfix(): void {
    for (;;) {
      const { code, newLine } = this.peek();
      if (code === '`') this.#template();
      else if (code === '.') {
        this.at += 1;
        this.#member();
      } else if (code === '?.') {
        this.at += 1;
        const next = this.peek().kind;
        if (next === 'name' || next === 'private') this.#member();
      } else if (code === '[') this.#index();
      else if (code === '(') this.#list(')');
      else {
        // Nothing binds to what is behind it: a bracket in the next line begins a statement.
        if ((code === '++' || code === '--') && !newLine) this.at += 1;
        return;
      }
    }
  }

  /** What follows a dot. */
  #member(): void {
    const { kind, text } = this.peek();
    if (kind === 'private') this.use(text);
    else if (kind !== 'name') throw this.unexpected();
    this.at += 1;
  }

  #index(): void {
    this.expect('[');
    this.expression();
    this.expect(']');
  }

  /** What is in brackets, from the opening to the closing one: arguments, the elements of an array, perhaps parameters. */
  #list(closing: string): void {
    this.at += 1;
    while (!this.take(closing)) {
      if (this.take(',') || this.take('...')) continue;
      this.assignment();
      if (!this.is(closing)) this.expect(',');
    }
  }

  #template(): void {
    let { text } = this.peek();
    this.at += 1;
    while (text.endsWith('${')) {
      this.expression();
      text = this.takePiece();
    }
  }

  #primary(): boolean {
    const { kind, text, code } = this.peek();
    if (code === '`') this.#template();
    else if (code === '(') return this.#bracketed(false);
    else if (code === '[') this.#list(']');
    else if (code === '{') this.#object();
    else if (code === '/' || code === '/=') this.takeRegex();
    else if (kind === 'name') return this.#word(text, code);
    else {
      if (kind === 'mark' || kind === 'template' || kind === 'end') throw this.unexpected();
      if (kind === 'private') this.use(text);
      this.at += 1;
    }
    return false;
  }

  /** Reads what is in parentheses, and all of the arrow function if these are its parameters. */
  #bracketed(isAsync: boolean): boolean {
    const before = this.progress;
    let isArrow = this.#arrows.has(before.at);
    if (!isArrow) {
      this.#list(')');
      isArrow = this.is('=>');
      // They have been read as values, and are read again as what they are. Not a third time by a function around this one.
      if (isArrow) {
        this.#arrows.add(before.at);
        this.goBack(before);
      }
    }
    if (isArrow) this.arrow(isAsync);
    return isArrow;
  }

  /** A value that begins with a word. True if it is an arrow function. */
  #word(text: string, code: string): boolean {
    if (code === 'function' || this.asyncFunctionFollows()) this.function();
    else if (code === 'class') this.class();
    else if (this.is('=>', 1)) {
      this.arrow(false);
      return true;
    } else {
      this.at += 1;
      if (code === 'async' && !this.peek().newLine) {
        if (this.peek().kind === 'name' && this.is('=>', 1)) {
          this.arrow(true);
          return true;
        }
        if (this.is('(') && this.#bracketed(true)) return true;
      }
      this.#name(text, code);
    }
    return false;
  }

  /** A word that has been read. */
  #name(text: string, code: string): void {
    if (code === 'import') this.#import();
    else if (code === 'new') {
      this.expect('.');
      this.expect('target');
      this.use('new.target');
    } else if (code === 'this' || text === 'arguments') {
      this.use(text);
      this.receive(text);
    } else if (RESERVED.has(code)) throw new SyntaxError(`Unexpected ${code}`);
    else if (!LITERALS.has(code)) {
      this.use(text);
      if (text === 'eval') this.#noteEval();
    }
  }

  /** A call of `eval` by its name, perhaps in parentheses, sees all variables around it. */
  #noteEval(): void {
    let around = 0;
    while (this.is(')', around) && this.is('(', -2 - around)) around += 1;
    if (this.is('(', around)) this.use(DIRECT_EVAL);
  }

  #import(): void {
    if (this.take('.')) {
      if (this.take('meta')) {
        this.use('import.meta');
        return;
      }
      // `import.defer(…)` and its like
      this.at += 1;
    }
    if (!this.is('(')) throw this.unexpected();
    this.noteImport();
  }

  /** Is this `async function`? */
  protected asyncFunctionFollows(): boolean {
    return this.is('async') && this.is('function', 1) && !this.peek(1).newLine;
  }

  /** The name of a property, perhaps computed. */
  protected key(): void {
    if (this.take('[')) {
      this.assignment();
      this.expect(']');
    } else {
      if (this.peek().kind === 'mark') throw this.unexpected();
      this.at += 1;
    }
  }

  #object(): void {
    this.expect('{');
    while (!this.take('}')) {
      if (this.take('...')) this.assignment();
      else this.property();
      if (!this.is('}')) this.expect(',');
    }
  }
}
