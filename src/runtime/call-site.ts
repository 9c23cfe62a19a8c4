/**
 * Where the library was called from. The stack is collected at the call and made into text only when an error, or the search for a
 * module, asks. Collecting is the dear part: V8 takes about 0.4 µs a frame and 0.7 µs besides (measured on Node 24.21; 0.2 µs is the
 * bare Error), so a site is five frames deep, 2.5 µs, and as much again for its garbage. Where calls are many it is collected for some of them only: see `SiteSampler`.
 *
 * @module
 */
import { hostModule } from './runtime.ts';

const FRAMES = 5;

/** Bun 1.4 makes tail calls: the frame of the function that the user called may be gone, and nothing is collected below it. */
const MAKES_TAIL_CALLS = 'Bun' in globalThis;

/** Where something was called from, outside the library. */
export class CallSite {
  readonly #collected: { readonly stack?: unknown };
  /** Whether it is the place of an earlier call of the same function, which most often is that of this one. */
  readonly isEarlier: boolean;
  #lines: readonly string[] | undefined;

  /**
   * Costs about 2.5 µs.
   *
   * @param above the function whose caller is wanted: it and what it called are left out; or the site of an earlier call
   */
  constructor(above: ((...args: never[]) => unknown) | CallSite) {
    this.isEarlier = above instanceof CallSite;
    if (above instanceof CallSite) {
      this.#collected = above.#collected;
      return;
    }
    const limit = Error.stackTraceLimit;
    this.#collected = {};
    Error.stackTraceLimit = MAKES_TAIL_CALLS ? 4 * FRAMES : FRAMES;
    Error.captureStackTrace?.(this.#collected, MAKES_TAIL_CALLS ? undefined : above);
    Error.stackTraceLimit = limit;
  }

  /** The frames as text, a line each, those of the library and of the runtime removed. Empty when nothing is left. */
  get frames(): string {
    return this.#outside().join('\n');
  }

  /** The first place outside, as the runtime writes it: `file:///a.ts:4:7`, or a path. Undefined when there is none. */
  get place(): string | undefined {
    for (const line of this.#outside()) {
      const place = placeOf(line);
      if (place !== undefined) return place;
    }
    return undefined;
  }

  #outside(): readonly string[] {
    this.#lines ??= framesOutside(this.#collected.stack);
    return this.#lines;
  }
}

/** So many calls have a site of their own. */
const OWN = 64;
/** Later one in so many has. One in 64 would still be a tenth of what a tiny call costs. */
const SELDOM = 256;

/**
 * The sites of the calls of one function. The first have each their own, later ones that of an earlier call, and say so: most functions
 * are called from one place, and collecting it would cost more than the call.
 */
export class SiteSampler {
  #calls = 0;
  #earlier: CallSite | undefined;

  /** @param above the function whose caller is wanted */
  sample(above: (...args: never[]) => unknown): CallSite {
    const calls = this.#calls++;
    if (this.#earlier !== undefined && calls >= OWN && calls % SELDOM !== 0) return this.#earlier;
    const site = new CallSite(above);
    this.#earlier = new CallSite(site);
    return site;
  }
}

/** The frames of a stack that are neither of this library nor of the runtime. Not a text: a program can have its own idea of a stack. */
export function framesOutside(stack: unknown): readonly string[] {
  if (typeof stack !== 'string') return [];
  return stack.split('\n').filter((line) => /^\s*at /.test(line) && !isInternal(line));
}

/** `place` of one frame: `    at add (file:///a.ts:4:7)`, also of one inside an `eval`. */
export function placeOf(line: string): string | undefined {
  const evaluated = /\(((?:file:|\/|[A-Z]:\\)[^()]*:\d+:\d+)\)/.exec(line);
  if (line.includes('eval at ')) return evaluated?.[1];
  return (/ \((.*:\d+:\d+)\)$/.exec(line) ?? /^\s*at (?:async )?(.*:\d+:\d+)$/.exec(line))?.[1];
}

function isInternal(line: string): boolean {
  const place = placeOf(line);
  if (place === undefined) return true;
  if (/^(?:node|ext|native|bun|internal|deno):/.test(place)) return true;
  library ??= libraryFolders();
  return library.some((folder) => place.startsWith(folder));
}

let library: readonly string[] | undefined;

/** The folder of this library, as a URL and as a path. None when it is part of a user's bundle: its files are the user's then. */
function libraryFolders(): readonly string[] {
  const folder = libraryFolder(import.meta.url);
  if (folder === undefined) return [];
  const { fileURLToPath } = hostModule<typeof import('node:url')>('node:url') ?? {};
  return folder.startsWith('file:') && fileURLToPath !== undefined
    ? [folder, fileURLToPath(folder)]
    : [folder];
}

/** @param here the URL of this module, or of the chunk it was bundled into; undefined in a script */
function libraryFolder(here: string | undefined): string | undefined {
  if (here === undefined) return undefined;
  const source = /^(.*\/)runtime\/call-site\.[jt]s(?:\?.*)?$/.exec(here);
  if (source !== null) return source[1];
  const built = /^(.*\/)dist\/(?:[^/]+\/)*[^/]+$/.exec(here);
  return built !== null && isPackage(`${built[1]}package.json`) ? `${built[1]}dist/` : undefined;
}

function isPackage(url: string): boolean {
  try {
    const fs = hostModule<typeof import('node:fs')>('node:fs');
    return JSON.parse(fs?.readFileSync(new URL(url), 'utf8') ?? '{}').name === 'skein';
  } catch {
    return false;
  }
}
