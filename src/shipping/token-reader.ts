/**
 * Goes through the tokens of a function and keeps the names that were declared and used on the way. See free-variables.ts.
 *
 * @module
 */
import { Names } from './names.ts';
import { Scanner, type Token } from './tokens.ts';

/** How far a reader has come. */
interface Progress {
  readonly at: number;
  readonly used: number;
  readonly imports: number;
}

/** Stands at a token, and keeps what was found so far. */
export class TokenReader {
  protected names: Names = new Names(undefined, true);
  protected at = 0;
  /** The tokens that have been looked at. */
  readonly tokens: Token[] = [];
  readonly #scanner: Scanner;
  readonly #used: Use[] = [];
  readonly #imports: (string | undefined)[] = [];
  #hoists = false;

  constructor(text: string) {
    this.#scanner = new Scanner(text);
  }

  /** The names used and not declared, in order of first use. */
  get free(): string[] {
    const free = new Set<string>();
    for (const { name, names } of this.#used) {
      if (!free.has(name) && names.find(name) === undefined) free.add(name);
    }
    return [...free];
  }

  /** Is the name of a function that is declared in a block used outside of it? */
  protected get usesHoisted(): boolean {
    return this.#hoists && this.#used.some(({ name, names }) => names.mayBeHoisted(name));
  }

  /** Is this name, as that scope has it, used? */
  protected uses(name: string, of: Names): boolean {
    return this.#used.some((use) => use.name === name && use.names.find(name) === of);
  }

  /** The literal specifiers of `import()`; undefined for a computed one. */
  get imports(): (string | undefined)[] {
    return this.#imports;
  }

  protected peek(ahead = 0): Token {
    for (;;) {
      const token = this.tokens[this.at + ahead];
      if (token !== undefined) return token;
      this.tokens.push(this.#scanner.next());
    }
  }

  /** Is the next token this mark or word? */
  protected is(code: string, ahead = 0): boolean {
    return this.peek(ahead).code === code;
  }

  protected take(code: string): boolean {
    if (this.peek().code !== code) return false;
    this.at += 1;
    return true;
  }

  protected expect(code: string): void {
    if (!this.take(code)) throw this.unexpected();
  }

  protected unexpected(): SyntaxError {
    return new SyntaxError(`Unexpected ${this.peek().text}`);
  }

  /** Takes a regular expression that begins with the next token. */
  protected takeRegex(): void {
    this.#retake(this.#scanner.regex(this.peek()), 'regex');
  }

  /** Takes the piece of a template that begins with the next token, the brace of the last `${`. Gives its text. */
  protected takePiece(): string {
    const next = this.peek();
    if (next.kind === 'template') {
      // It was read once already.
      this.at += 1;
      return next.text;
    }
    if (next.code !== '}') throw this.unexpected();
    return this.#retake(this.#scanner.template(next), 'template');
  }

  #retake(token: Token, kind: Token['kind']): string {
    if (token.kind !== kind) throw this.unexpected();
    this.tokens.length = this.at;
    this.tokens.push(token);
    this.at += 1;
    return token.text;
  }

  protected use(name: string): void {
    this.#used.push({ name, names: this.names });
  }

  /** Declares a function that sloppy code knows outside of its block, too. */
  protected hoist(name: string): void {
    this.names.hoist(name);
    this.#hoists = true;
  }

  /** Reads in a scope of its own. */
  protected within(names: Names, read: () => void): void {
    const outer = this.names;
    this.names = names;
    read();
    this.names = outer;
  }

  protected get progress(): Progress {
    return { at: this.at, used: this.#used.length, imports: this.#imports.length };
  }

  /** Forgets what was found since. */
  protected goBack({ at, used, imports }: Progress): void {
    this.at = at;
    this.#used.length = used;
    this.#imports.length = imports;
  }

  /** Notes the specifier of the `import()` whose `(` is next. */
  protected noteImport(): void {
    const { kind, text } = this.peek(1);
    const literal = kind === 'string' && (this.is(')', 2) || this.is(',', 2));
    this.#imports.push(literal ? text.slice(1, -1) : undefined);
  }
}

interface Use {
  readonly name: string;
  readonly names: Names;
}
