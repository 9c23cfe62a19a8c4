/**
 * Goes through the tokens of a function and keeps the names that were declared and used on the way. See free-variables.ts.
 *
 * @module
 */
import { Names } from './names.ts';
import type { Token, Tokens } from './tokens.ts';

const END: Token = { kind: 'mark', text: '', start: -1, end: -1, newLine: true };

/** Stands at a token, and keeps what was found so far. */
export class TokenReader {
  protected names: Names;
  protected at: number;
  readonly #tokens: Tokens;
  readonly #used: [name: string, names: Names][] = [];
  readonly #imports: (string | undefined)[] = [];

  constructor(tokens: Tokens, at: number) {
    this.#tokens = tokens;
    this.at = at;
    this.names = new Names(undefined, true);
  }

  /** The names used and not declared, in order of first use. */
  get free(): string[] {
    const free = this.#used.filter(([name, names]) => !names.knows(name)).map(([name]) => name);
    return [...new Set(free)];
  }

  /** The literal specifiers of `import()`; undefined for a computed one. */
  get imports(): (string | undefined)[] {
    return this.#imports;
  }

  protected peek(ahead = 0): Token {
    return this.#tokens.list[this.at + ahead] ?? END;
  }

  /** Is the next token this mark or word? */
  protected is(text: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return token.text === text && (token.kind === 'mark' || token.kind === 'name');
  }

  protected take(text: string): boolean {
    if (!this.is(text)) return false;
    this.at += 1;
    return true;
  }

  protected expect(text: string): void {
    if (!this.take(text)) throw new SyntaxError(`Expected ${text}: got ${this.peek().text}`);
  }

  protected use(name: string): void {
    this.#used.push([name, this.names]);
  }

  /** Reads in a scope of its own. */
  protected within(names: Names, read: () => void): void {
    const outer = this.names;
    this.names = names;
    read();
    this.names = outer;
  }

  /** The text after the bracket that closes the one `ahead`. */
  protected afterBrackets(ahead: number): string | undefined {
    const closing = this.#tokens.closing.get(this.at + ahead);
    return closing === undefined ? undefined : this.#tokens.list[closing + 1]?.text;
  }

  /** Notes the specifier of the `import()` whose `(` is next. */
  protected noteImport(): void {
    const { kind, text } = this.peek(1);
    const literal = kind === 'string' && (this.is(')', 2) || this.is(',', 2));
    this.#imports.push(literal ? text.slice(1, -1) : undefined);
  }
}
