/**
 * What the drawing of functions is made of: chance, names, and blanks in odd places.
 *
 * @module
 */

/** The names that are drawn. Around a function they may be variables, and they may be globals. */
export const NAMES: readonly string[] =
  'name of async get set as from using x g f a b await static let yield type accessor target meta constructor'.split(
    ' ',
  );

/** These are no names everywhere. */
export const KEYWORDS: ReadonlySet<string> = new Set(['await', 'static', 'let', 'yield']);

/** No function must change what belongs to the host. */
export const PROPERTIES: readonly string[] = NAMES.filter((name) => name !== 'constructor');

/** Where in a text a blank may, or must, be; and where it has no end of a line. */
export const MAY = '\ue000';
export const MUST = '\ue001';
export const MAY_IN_LINE = '\ue002';
export const MUST_IN_LINE = '\ue003';

export const REGULAR: readonly string[] = [
  ...['/a/', '/[/]/', '/\\//', '/[\\]/]/', '/=/', '/[[/]/', '/[{]/', '/[}]/v', '/[(]/', '/[)]/'],
  ...['/`/', '/"/', "/'/", '/\\/\\*/', '/[^/]/', '/[$]{1}/', '/x/', '/[/]/v'],
];

/** Draws, the same for the same seed. */
export class Dice {
  #state: number;
  /** So much may be drawn yet. */
  protected left: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
    this.left = 4 + this.below(36);
  }

  protected below(n: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % n;
  }

  protected chance(percent: number): boolean {
    return this.below(100) < percent;
  }

  protected pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }

  /** Draws one of these; where much was drawn already the first, which is small. */
  protected oneOf(draws: readonly (() => string)[]): string {
    this.left -= 1;
    return this.left <= 0 ? (draws[0] as () => string)() : this.pick(draws)();
  }

  protected several(most: number, draw: () => string, between: string): string {
    return Array.from({ length: this.below(most + 1) }, draw).join(between);
  }

  protected blanks(text: string): string {
    return text.replace(/[\ue000-\ue003]/g, (blank, at: number) => {
      const isNeeded = blank === MUST || blank === MUST_IN_LINE;
      const around = `${text[at - 1] ?? ''}${text[at + 1] ?? ''}`;
      // Not to make a comment, or another operator, of two that meet.
      const isSafe = !/[/+\-<>.!?=&|*#\\]/.test(around);
      if (!isNeeded && isSafe && this.chance(50)) return '';
      if (this.chance(80)) return ' ';
      const odd = [' ', '\t', '/* } */', '/* ` */ ', ' /* / */', '\ufeff', '\u00a0'];
      const lines = ['\n', '\r\n', ' // `\n', '/*\n*/', '\u2028', '\n\n'];
      const inLine = blank === MAY_IN_LINE || blank === MUST_IN_LINE;
      return this.pick(inLine || this.chance(40) ? odd : lines);
    });
  }
}
