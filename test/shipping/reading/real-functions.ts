/**
 * Reads all functions in the packages of a folder, and compares with acorn.
 *
 * @module
 */
import { readdirSync, readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { parse } from 'acorn';
import { readFunction } from '../../../src/shipping/free-variables.ts';
import { freeOf, functionsIn, type Tree, textOf } from './scopes-of-acorn.ts';

/** What was found in packages. */
export interface Findings {
  readonly functions: number;
  /** Those that no host accepts as modules or scripts. */
  readonly skippedFiles: number;
  /** Self-contained by acorn: they use what is a global here, and nothing else. */
  readonly selfContained: number;
  /** Of the self-contained: such as are refused if nothing tells that they are strict. */
  readonly sloppy: number;
  /** Refused because they could not be read. */
  readonly unread: readonly string[];
  /** The reader finds a name more: they may be refused needlessly. */
  readonly more: readonly string[];
  /** It finds a name less: they may be sent, and must not. */
  readonly less: readonly string[];
}

const UNREAD = /^(?:unknown syntax|deep nesting|<!--|-->)$/;

/** Reads the functions in the JavaScript files of these packages. */
export function readPackages(folder: URL, packages: readonly string[]): Findings {
  const unread: string[] = [];
  const more: string[] = [];
  const less: string[] = [];
  let functions = 0;
  let selfContained = 0;
  let sloppy = 0;
  let skippedFiles = 0;
  for (const path of packages.flatMap((name) => filesIn(new URL(`${name}/`, folder)))) {
    const source = readFileSync(path, 'utf8');
    const tree = parsed(source);
    if (tree === undefined) skippedFiles++;
    for (const node of functionsIn(tree)) {
      functions++;
      const text = textOf(node, source);
      const expected = freeOf(node);
      const read = readFunction(text);
      const isAlone = [...expected].every((name) => name in globalThis);
      if (isAlone) selfContained++;
      if (isAlone && read.sloppy.length > 0) sloppy++;
      const where = `${path.pathname}: ${text.slice(0, 200)}`;
      if (UNREAD.test(read.free.join())) unread.push(where);
      else {
        const missing = [...expected].filter((name) => !read.free.includes(name));
        const extra = read.free.filter((name) => !expected.has(name));
        if (missing.length > 0) less.push(`${missing} in ${where}`);
        if (extra.length > 0) more.push(`${extra} in ${where}`);
      }
    }
  }
  return { functions, selfContained, sloppy, skippedFiles, unread, more, less };
}

function filesIn(folder: URL): URL[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /^\.[cm]?js$/.test(extname(entry.name)))
    .map(({ parentPath, name }) => new URL(`file://${parentPath}/${name}`));
}

function parsed(source: string): Tree | undefined {
  for (const sourceType of ['module', 'script'] as const) {
    try {
      const options = { allowHashBang: true, allowReturnOutsideFunction: sourceType === 'script' };
      return parse(source, { ecmaVersion: 'latest', sourceType, ...options }) as unknown as Tree;
    } catch {}
  }
  return undefined;
}
