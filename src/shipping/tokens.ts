/**
 * Cuts the text of a function into tokens, one at a time. The text has been parsed by the host already, so it is known to be correct
 * JavaScript: this only needs to tell names from what looks like names in strings, templates, comments and regular expressions. What a
 * slash or a closing brace is depends on the grammar, so the reader says where it is no operator and no end of a block: such a token is
 * cut anew, as compilers do it.
 *
 * @module
 */
import { nameInCode } from './identifier.ts';
import { undone } from './transformed.ts';

/** What a token is: `template` is a piece of one, up to the next `${` or its end. */
export type TokenKind =
  | 'name'
  | 'private'
  | 'number'
  | 'string'
  | 'template'
  | 'regex'
  | 'mark'
  | 'end';

/** One token. */
export interface Token {
  readonly kind: TokenKind;
  /** As it stands in the text; of a name without escapes. */
  readonly text: string;
  /**
   * The text of a mark, or of a name that is written without escapes and so may be a keyword; of a piece of a template its first
   * character; otherwise empty.
   */
  readonly code: string;
  /** Where it begins in the text, and where it ends. */
  readonly start: number;
  readonly end: number;
  /** Is there an end of line before it? */
  readonly newLine: boolean;
}

const BLANK = /(?:\s+|\/\/[^\n\r\u2028\u2029]*|\/\*[\s\S]*?\*\/)+/y;
const NAME = /#?[A-Za-z$_][\w$]*/y;
const NUMBER =
  /(?:0[xXoObB][\da-fA-F_]+|\d[\d_]*\.?[\d_]*(?:[eE][+-]?[\d_]+)?|\.\d[\d_]*(?:[eE][+-]?[\d_]+)?)n?/y;
const STRING = /'[^'\\]*(?:\\[\s\S][^'\\]*)*'|"[^"\\]*(?:\\[\s\S][^"\\]*)*"/y;
const REGEX = /\/(?:[^/\\[\n]|\\[^\n]|\[(?:[^\]\\\n]|\\[^\n])*\])+\/[\w$]*/y;
const PIECE = /[^`\\$]*(?:(?:\\[\s\S]|\$(?!\{))[^`\\$]*)*(?:`|\$\{)/y;
/** The last but one of a line is no operator in a script, but a comment: nothing takes a token of that name. */
const MARK =
  /[()[\]{},;:~@]|>>>=|\.\.\.|===|!==|\*\*=|<<=|>>=|>>>|&&=|\|\|=|\?\?=|=>|==|!=|<=|>=|&&|\|\||\?\?|\?\.(?!\d)|\+\+|-->|--|\+=|-=|\*=|\/=|%=|&=|\|=|\^=|<<|>>|\*\*|<!--|[\s\S]/y;
const END_OF_LINE = /[\n\r\u2028\u2029]/;
const ESCAPE = /\\u(?:\{([\da-fA-F]+)\}|([\da-fA-F]{4}))/g;

/** Stands at a place in a text. */
export class Scanner {
  readonly #text: string;
  #at = 0;
  #newLine = false;

  constructor(text: string) {
    this.#text = text;
  }

  /** Cuts off the next token: a slash is an operator, and a closing brace ends no `${`. At the end of the text its kind is `end`. */
  next(): Token {
    this.#skipBlank();
    const start = this.#at;
    const first = this.#text.charCodeAt(start);
    if (isNameStart(first)) return this.#name(start, first);
    if (first === QUOTE || first === DOUBLE_QUOTE) return this.#token('string', STRING, start);
    if (isDigit(first)) return this.#token('number', NUMBER, start);
    if (first === BACKTICK) return this.#piece(start);
    if (first === DOT && isDigit(this.#text.charCodeAt(start + 1))) {
      return this.#token('number', NUMBER, start);
    }
    return start < this.#text.length ? this.#mark(start) : this.#cut('end', start);
  }

  /** Cuts a token anew that is the slash at the beginning of a regular expression. */
  regex({ start, newLine }: Token): Token {
    this.#newLine = newLine;
    return this.#token('regex', REGEX, start);
  }

  /** Cuts a token anew that is the brace at the end of `${…}`. */
  template({ start, newLine }: Token): Token {
    this.#newLine = newLine;
    return this.#piece(start);
  }

  #skipBlank(): void {
    this.#newLine = false;
    const first = this.#text.charCodeAt(this.#at);
    if (first > SLASH && first < 0x80) return;
    const start = this.#at;
    if (!this.#match(BLANK, start)) return;
    this.#newLine = END_OF_LINE.test(this.#text.slice(start, this.#at));
  }

  #name(start: number, first: number): Token {
    const isShort = this.#match(NAME, start);
    const next = this.#text.charCodeAt(this.#at);
    if (!isShort || next === BACKSLASH || next >= 0x80) {
      if (!this.#match(nameInCode(), start)) return this.#mark(start);
    }
    const raw = this.#text.slice(start, this.#at);
    const isPrivate = first === HASH;
    const text = raw.includes('\\') ? unescaped(raw) : undone(raw);
    const isWord = !(isPrivate || raw.includes('\\'));
    return {
      kind: isPrivate ? 'private' : 'name',
      text,
      code: isWord ? text : '',
      start,
      end: this.#at,
      newLine: this.#newLine,
    };
  }

  #mark(start: number): Token {
    this.#match(MARK, start);
    // In the middle of a line it is `--` and `>`.
    if (this.#at - start === 3 && !this.#newLine && this.#text.startsWith('-->', start)) {
      this.#at -= 1;
    }
    return this.#cut('mark', start);
  }

  #piece(start: number): Token {
    if (!this.#match(PIECE, start + 1)) {
      this.#at = this.#text.length;
      return this.#cut('mark', start);
    }
    return this.#cut('template', start, this.#text[start]);
  }

  #token(kind: TokenKind, pattern: RegExp, start: number): Token {
    return this.#match(pattern, start) ? this.#cut(kind, start) : this.#mark(start);
  }

  #cut(kind: TokenKind, start: number, code = ''): Token {
    const text = this.#text.slice(start, this.#at);
    return {
      kind,
      text,
      code: kind === 'mark' ? text : code,
      start,
      end: this.#at,
      newLine: this.#newLine,
    };
  }

  #match(pattern: RegExp, start: number): boolean {
    pattern.lastIndex = start;
    if (!pattern.test(this.#text)) return false;
    this.#at = pattern.lastIndex;
    return true;
  }
}

const DOUBLE_QUOTE = 0x22;
const HASH = 0x23;
const DOLLAR = 0x24;
const QUOTE = 0x27;
const DOT = 0x2e;
const SLASH = 0x2f;
const BACKSLASH = 0x5c;
const UNDERSCORE = 0x5f;
const BACKTICK = 0x60;

function isNameStart(code: number): boolean {
  const lower = code | 0x20;
  return (
    (lower >= 0x61 && lower <= 0x7a) ||
    code === UNDERSCORE ||
    code === DOLLAR ||
    code === HASH ||
    code === BACKSLASH ||
    code >= 0x80
  );
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function unescaped(name: string): string {
  return name.replace(ESCAPE, (_, long: string | undefined, short: string) =>
    String.fromCodePoint(Number.parseInt(long ?? short, 16)),
  );
}
