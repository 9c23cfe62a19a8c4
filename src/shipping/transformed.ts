/**
 * What vite's module runner, and with it vitest, makes of a module: imports become members of objects, `import()` a call of its own with
 * paths below its root, and the module is no module of the host. All of it is undone here, so that a function can be sent from a test as
 * it can from a program. Known by what is found in the text or the heap; where nothing is found, nothing is done.
 *
 * @module
 */
import { hostModule } from '../runtime/runtime.ts';
import { closingOf } from './brackets.ts';
import type { Token } from './tokens.ts';

const IMPORT_CALL = '__vite_ssr_dynamic_import__';
const IMPORTED = /^__vi(?:te_ssr)?_import_\d+__$/;
const META = '__vite_ssr_import_meta__';

/** Gives a word as it would be without the transformation. */
export function undone(word: string): string {
  return word === IMPORT_CALL ? 'import' : word;
}

/**
 * What stands in a text for `import` where it is called: as long as that, so that all else stays in its place, as easy to read where the text is shown,
 * and a name that nobody gives.
 */
export const GUARDED_IMPORT = 'ïmport';

/**
 * Gives the text with its `import()`s as the worker knows them: with specifiers of the host, by way of its guard. `from` is the place of the first
 * token that counts.
 */
export function withImports(
  text: string,
  tokens: readonly Token[],
  from: number,
  base: string | undefined,
): string {
  let out = '';
  let done = from;
  const replace = ({ start, end }: Token, by: string): void => {
    out += text.slice(done, start) + by;
    done = end;
  };
  const name = tokens.some((token) => token.text === GUARDED_IMPORT) ? 'import' : GUARDED_IMPORT;
  tokens.forEach((token, index) => {
    if (token.start < from || !isImportCall(tokens, index)) return;
    replace(token, name);
    if (!isTransformed(token)) return;
    const specifier = tokens[index + 2];
    const url =
      specifier?.kind === 'string' ? fromRoot(specifier.text.slice(1, -1), base) : undefined;
    if (url !== undefined) replace(specifier as Token, JSON.stringify(url));
  });
  return out + text.slice(done);
}

/** `import(…)`, and not `import.meta`, `import.defer(…)`, a member of that name or its definition. */
function isImportCall(tokens: readonly Token[], at: number): boolean {
  const token = tokens[at] as Token;
  if (token.kind !== 'name' || token.text !== 'import') return false;
  if (isTransformed(token)) return true;
  const isMember = ['.', '?.'].includes(tokens[at - 1]?.text ?? '');
  const isCall =
    tokens[at + 1]?.text === '(' && tokens[closingOf(tokens, at + 1) + 1]?.text !== '{';
  return isCall && !isMember;
}

function isTransformed({ start, end }: Token): boolean {
  return end - start === IMPORT_CALL.length;
}

/** The URL of a path below the runner's root, which is one of the folders around `base`. */
function fromRoot(path: string, base: string | undefined): string | undefined {
  const fs = hostModule<typeof import('node:fs')>('node:fs');
  if (fs === undefined || !path.startsWith('/') || base === undefined) return undefined;
  if (path.startsWith('/@fs/')) return new URL(path.slice('/@fs'.length), base).href;
  for (let folder = new URL('.', base); ; folder = new URL('..', folder)) {
    const url = new URL(`.${path}`, folder);
    if (url.protocol === 'file:' && fs.existsSync(url)) return url.href;
    if (folder.pathname === new URL('..', folder).pathname) return undefined;
  }
}

/** A name as the user wrote it: an import by the members that are used of it. Undefined for a name that was not transformed. */
export function writtenAs(name: string, tokens: readonly Token[]): readonly string[] | undefined {
  if (!IMPORTED.test(name)) return undefined;
  const members = new Set<string>();
  tokens.forEach(({ text }, index) => {
    if (text !== name) return;
    const member = tokens[index + 1]?.text === '.' ? tokens[index + 2]?.text : undefined;
    members.add(member ?? name);
  });
  return [...members];
}

/** Is this what became of `import.meta`? */
export function isTransformedMeta(name: string): boolean {
  return name === META;
}

interface Runner {
  /** The file of the test that runs. */
  readonly filepath?: string;
  readonly evaluatedModules?: {
    readonly fileToModulesMap?: ReadonlyMap<string, Iterable<{ readonly exports?: object }>>;
  };
}

/** Gives what a module exports that the runner has evaluated; undefined where there is none, and for the file of a test. */
export function runnerExports(url: string): object | undefined {
  const runner = (globalThis as { readonly __vitest_worker__?: Runner }).__vitest_worker__;
  if (runner === undefined) return undefined;
  const path = hostModule<typeof import('node:url')>('node:url')?.fileURLToPath(url) ?? '';
  if (runner.filepath === path) return undefined;
  for (const { exports } of runner.evaluatedModules?.fileToModulesMap?.get(path) ?? []) {
    if (exports !== undefined) return exports;
  }
  return undefined;
}
