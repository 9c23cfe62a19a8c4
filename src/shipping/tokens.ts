/**
 * Cuts the text of a function into tokens. The text has been parsed by the host already, so it is known to be correct JavaScript: this
 * only needs to tell names from what looks like names in strings, templates, comments and regular expressions.
 *
 * @module
 */
import { nameInCode } from './identifier.ts';

/** What a token is: `template` is a piece of one, up to the next `${` or its end. */
export type TokenKind = 'name' | 'private' | 'number' | 'string' | 'template' | 'regex' | 'mark';

/** One token. */
export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  /** Where it begins in the text, and where it ends. */
  readonly start: number;
  readonly end: number;
  /** Is there an end of line before it? */
  readonly newLine: boolean;
}

/** The tokens of a text. */
export interface Tokens {
  readonly list: readonly Token[];
  /** By the position of a `(` in the list: the position of its `)`. */
  readonly closing: ReadonlyMap<number, number>;
}

const BLANK = /(?:\s|\/\/[^\n\r\u2028\u2029]*|\/\*[\s\S]*?\*\/)+/y;
const NAME = /#?[A-Za-z$_][\w$]*/y;
const ASCII = /^[^\\\x80-\uffff]?$/;
const NUMBER =
  /(?:0[xXoObB][\da-fA-F_]+|\d[\d_]*\.?[\d_]*(?:[eE][+-]?[\d_]+)?|\.\d[\d_]*(?:[eE][+-]?[\d_]+)?)n?/y;
const STRING = /'(?:[^'\\]|\\[\s\S])*'|"(?:[^"\\]|\\[\s\S])*"/y;
const REGEX = /\/(?:[^/\\[\n]|\\[^\n]|\[(?:[^\]\\\n]|\\[^\n])*\])+\/[A-Za-z]*/y;
const PIECE = /(?:[^`\\$]|\\[\s\S]|\$(?!\{))*(?:`|\$\{)/y;
const MARK =
  />>>=|\.\.\.|===|!==|\*\*=|<<=|>>=|>>>|&&=|\|\|=|\?\?=|=>|==|!=|<=|>=|&&|\|\||\?\?|\?\.(?!\d)|\+\+|--|\+=|-=|\*=|\/=|%=|&=|\|=|\^=|<<|>>|\*\*|[\s\S]/y;
const END_OF_LINE = /[\n\r\u2028\u2029]/;

/** After these words an operand follows, so a slash begins a regular expression. */
const BEFORE_OPERAND = new Set(
  'return typeof case do else in of instanceof new delete void throw yield await'.split(' '),
);
const CONTROL = new Set(['if', 'while', 'for', 'with']);

class Tokenizer {
  readonly #text: string;
  readonly #list: Token[] = [];
  readonly #closing = new Map<number, number>();
  /** Positions of the `(` that are open. */
  readonly #parentheses: number[] = [];
  /** For each open brace: is it the one of `${`? */
  readonly #braces: boolean[] = [];
  #at = 0;
  #start = 0;
  #newLine = false;
  /** Position of the `(` of the last `)`. */
  #closed = 0;

  constructor(text: string) {
    this.#text = text;
  }

  run(): Tokens {
    for (;;) {
      const blank = this.#match(BLANK);
      this.#newLine = blank !== undefined && END_OF_LINE.test(blank);
      if (this.#at >= this.#text.length) return { list: this.#list, closing: this.#closing };
      this.#token();
    }
  }

  #token(): void {
    this.#start = this.#at;
    const character = this.#text[this.#at] as string;
    if (character === '`' || (character === '}' && this.#braces.pop() === true)) this.#piece();
    else if (!this.#word(character)) this.#mark(this.#match(MARK) as string);
  }

  /** Takes a token of more than one character, if this begins one. */
  #word(character: string): boolean {
    let kind: TokenKind = 'regex';
    let text =
      character === '/' && this.#operandFollows() ? this.#match(REGEX) : this.#name(character);
    if (text !== undefined && character !== '/') {
      kind = text.startsWith('#') ? 'private' : 'name';
      text = unescaped(text);
    } else if (text === undefined && /[\d.]/.test(character)) {
      kind = 'number';
      text = this.#match(NUMBER);
    } else if (character === '"' || character === "'") {
      kind = 'string';
      text = this.#match(STRING);
    }
    if (text !== undefined) this.#add(kind, text);
    return text !== undefined;
  }

  #name(first: string): string | undefined {
    const name = this.#match(NAME);
    const isAscii = ASCII.test(this.#text[this.#at] ?? '') && (name !== undefined || first !== '#');
    if (isAscii) return name;
    this.#at = this.#start;
    return this.#match(nameInCode());
  }

  #mark(mark: string): void {
    if (mark === '{') this.#braces.push(false);
    if (mark === '(') this.#parentheses.push(this.#list.length);
    if (mark === ')') {
      const opening = this.#parentheses.pop();
      if (opening !== undefined) this.#closing.set(opening, this.#list.length);
      this.#closed = opening ?? 0;
    }
    this.#add('mark', mark);
  }

  #piece(): void {
    this.#at += 1;
    if (this.#match(PIECE) === undefined) this.#at = this.#text.length;
    const text = this.#text.slice(this.#start, this.#at);
    if (text.endsWith('${')) this.#braces.push(true);
    this.#add('template', text);
  }

  #operandFollows(): boolean {
    const last = this.#list.at(-1);
    if (last === undefined) return true;
    switch (last.kind) {
      case 'name':
        return BEFORE_OPERAND.has(last.text) && this.#list.at(-2)?.text !== '.';
      case 'mark':
        if (last.text === ')') return this.#afterControl();
        return !(last.text === ']' || last.text === '++' || last.text === '--');
      case 'template':
        return last.text.endsWith('${');
      default:
        return false;
    }
  }

  /** Is the last `)` the end of `if (…)` and its like? */
  #afterControl(): boolean {
    const before = this.#list[this.#closed - 1];
    return CONTROL.has(before?.text ?? '') && this.#list[this.#closed - 2]?.text !== '.';
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const text = pattern.exec(this.#text)?.[0];
    if (text !== undefined) this.#at += text.length;
    return text;
  }

  #add(kind: TokenKind, text: string): void {
    this.#list.push({
      kind,
      text,
      start: this.#start,
      end: this.#at,
      newLine: this.#newLine,
    });
  }
}

function unescaped(name: string): string {
  if (!name.includes('\\')) return name;
  return name.replace(/\\u\{?([\da-fA-F]+)\}?/g, (_, code: string) =>
    String.fromCodePoint(Number.parseInt(code, 16)),
  );
}

/** Cuts a text into tokens. */
export function tokensOf(text: string): Tokens {
  return new Tokenizer(text).run();
}
