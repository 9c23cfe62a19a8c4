/**
 * The JavaScript of the package: `node scripts/build.ts [folder]`. Declarations are tsc's; here rolldown joins the modules into a few
 * files, because a program that imports a hundred of them waits four times as long.
 *
 * Two kinds of modules keep a file of their own, at the place they have in the source: what `package.json` names, and what is found by
 * its place: the entries of workers, and the module that looks for them. All others are in two files that these share: `core` has what
 * workers need to start, `library` the rest; what they import when a call needs it has a file too. So a worker loads little, and the
 * functions it runs share its core when they import the package.
 *
 * @module
 */

import { globSync } from 'node:fs';
import { isAbsolute, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync } from 'node:zlib';
import { type InputOptions, type OutputChunk, type Plugin, rolldown } from 'rolldown';
import pkg from '../package.json' with { type: 'json' };

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const SOURCE = join(ROOT, 'src');
const ENTRY_TEXT = join(SOURCE, 'engines/pool/entry-text.ts');
/** Loaded by the first file of the command, when that has seen that Node is new enough. */
const COMMAND = join(SOURCE, 'cli/command.ts');
const WORKER_ENTRY = join(SOURCE, 'engines/pool/worker-entry.ts');

const shared: InputOptions = {
  cwd: ROOT,
  platform: 'node',
  external: (id) => !id.startsWith('.') && !isAbsolute(id),
  tsconfig: false,
  onLog(level, { message }) {
    if (level === 'warn') throw new Error(message);
  },
};

/**
 * Reading the text is what an import costs, so it is short. Functions and classes keep their names. Lines stay too: Node prints the one
 * from which an uncaught error was thrown.
 */
const SHORT = {
  compress: { target: 'es2023', keepNames: { function: true, class: true } },
  mangle: { keepNames: true },
  codegen: false,
} as const;

/** What a worker runs, as one script. */
interface Script {
  readonly kind: string;
  readonly text: string;
  /** The files it was made of. */
  readonly modules: readonly string[];
}

/** One worker entry as a script that needs nothing but the modules of the host; names stay, for the stacks. */
async function scriptOf(entry: string): Promise<Script> {
  // A script has no URL of its own, and so no folder of the library whose frames are left out of stacks.
  const define = { 'import.meta': '{}' };
  const bundle = await rolldown({ ...shared, input: entry, transform: { define } });
  const { output } = await bundle.generate({
    format: 'iife',
    codeSplitting: false,
    globals: (id) => `process.getBuiltinModule(${JSON.stringify(id)})`,
    minify: { ...SHORT, codegen: true },
  });
  await bundle.close();
  const [{ code, moduleIds }] = output;
  // thread/thread-entry.ts is what `workerEntry('thread')` asks for.
  return { kind: entry.replace(/^.*[\\/]|-entry\.ts$/g, ''), text: code, modules: moduleIds };
}

/** Puts the scripts where the source has none: packed, because every import reads them and hardly a program needs them. */
function scriptsAsText(scripts: readonly Script[]): Plugin {
  const texts = Object.fromEntries(scripts.map(({ kind, text }) => [kind, text]));
  const packed = brotliCompressSync(JSON.stringify(texts)).toString('base64');
  return {
    name: 'scripts-as-text',
    load: (id) =>
      id === ENTRY_TEXT ? `export const ENTRY_TEXT = ${JSON.stringify(packed)};` : undefined,
  };
}

/** The modules that are imported with the entries, without those that an `import()` brings later. */
async function importedWith(entries: readonly string[]): Promise<Set<string>> {
  const bundle = await rolldown({ ...shared, input: [...entries] });
  const { output } = await bundle.generate({ format: 'esm' });
  await bundle.close();
  const chunks = new Map<string, OutputChunk>();
  for (const file of output) if (file.type === 'chunk') chunks.set(file.fileName, file);
  const reached = new Set([...chunks.values()].filter(({ isEntry }) => isEntry));
  for (const { imports } of reached) {
    for (const name of imports) {
      const chunk = chunks.get(name);
      if (chunk !== undefined) reached.add(chunk);
    }
  }
  return new Set([...reached].flatMap(({ moduleIds }) => moduleIds));
}

/** The sources of what the package exports, and of its command. */
function publicEntries(): string[] {
  const targets = Object.values(pkg.exports).flatMap((target) =>
    typeof target === 'string' ? [] : [target['@skein/source']],
  );
  const commands = Object.values(pkg.bin).map((file) =>
    file.replace(/^\.\/dist\/(.*)\.js$/, './src/$1.ts'),
  );
  return [...targets, ...commands].map((file) => join(ROOT, file));
}

/** What a file is called in the build, so that it has the place it has in the source. */
function nameOf(file: string): string {
  return relative(SOURCE, file).replace(/\.ts$/, '');
}

/** Writes the JavaScript of the package into the folder. */
export async function build(folder: string): Promise<void> {
  const workers = globSync('**/*-entry.ts', { cwd: SOURCE })
    .map((file) => join(SOURCE, file))
    .filter((file) => file !== WORKER_ENTRY);
  const scripts = await Promise.all(workers.map(scriptOf));
  const entries = [...publicEntries(), COMMAND, ...workers];
  const atOnce = await importedWith(entries);
  const forWorkers = new Set(scripts.flatMap(({ modules }) => modules));
  const bundle = await rolldown({
    ...shared,
    input: Object.fromEntries(entries.map((file) => [nameOf(file), file])),
    plugins: [scriptsAsText(scripts)],
  });
  await bundle.write({
    dir: folder,
    format: 'esm',
    sourcemap: true,
    minifyInternalExports: false,
    comments: { jsdoc: false },
    minify: SHORT,
    chunkFileNames: '[name].js',
    codeSplitting: {
      groups: [
        { name: nameOf(WORKER_ENTRY), test: (id) => id === WORKER_ENTRY, priority: 2 },
        {
          name: 'core',
          test: (id) => forWorkers.has(id) && atOnce.has(id),
          minShareCount: 2,
          priority: 1,
        },
        { name: 'library', minShareCount: 2 },
      ],
    },
  });
  await bundle.close();
}

if (import.meta.main) await build(resolve(process.argv[2] ?? join(ROOT, 'dist')));
