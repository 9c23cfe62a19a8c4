import { execFile } from 'node:child_process';
import { existsSync, globSync } from 'node:fs';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { Script } from 'node:vm';
import { rolldown } from 'rolldown';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import pkg from '../../package.json' with { type: 'json' };
import { build } from '../../scripts/build.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../', import.meta.url));
const entries = Object.keys(pkg.exports).filter((entry) => !entry.endsWith('.json'));
const workers = globSync('**/*-entry.ts', { cwd: join(root, 'src') })
  .filter((file) => !file.endsWith('worker-entry.ts'))
  .map((file) => file.slice(0, -3));

/** Where the package is installed: a user's project. */
let project = '';
let dist = '';
beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'skein-build-'));
  const installed = join(project, 'node_modules', pkg.name);
  dist = join(installed, 'dist');
  await build(dist);
  await copyFile(join(root, 'package.json'), join(installed, 'package.json'));
});
afterAll(() => rm(project, { recursive: true, force: true }));

/** Runs a module of the project and gives what it prints. */
async function output(name: string, code?: string): Promise<string> {
  const file = join(project, name);
  if (code !== undefined) await writeFile(file, code);
  const { stdout } = await run(process.execPath, [file], { cwd: project });
  return stdout.trim();
}

/** What the user's bundler makes of a module of the project. */
async function bundled(name: string, code: string, format: 'esm' | 'cjs'): Promise<string> {
  const input = join(project, `unbundled-${name}.mjs`);
  await writeFile(input, code);
  const bundle = await rolldown({ input, cwd: project, platform: 'node' });
  await bundle.write({ file: join(project, name), format, codeSplitting: false });
  await bundle.close();
  return name;
}

/** The modules of ours that a built file imports. */
async function importsOf(file: string): Promise<string[]> {
  const text = await readFile(file, 'utf8');
  return Array.from(text.matchAll(/\bfrom ?"(\.[^"]*)"/g), ([, path = '']) => path);
}

describe('the built package', () => {
  it.each(entries)('%s exports what the source exports', async (entry) => {
    const source: object = await import(entry.replace(/^\./, pkg.name));
    const specifier = JSON.stringify(entry.replace(/^\./, pkg.name));
    const printed = await output(
      'names.mjs',
      `console.log(JSON.stringify(Object.keys(await import(${specifier}))));`,
    );

    expect(JSON.parse(printed)).toEqual(Object.keys(source).sort());
  });

  it('has one core: what testing replaces is what the everyday surface uses', async () => {
    const printed = await output(
      'virtual.mjs',
      `import { sleep } from 'skein';
       import { virtual } from 'skein/testing';
       console.log(await virtual(async (clock) => { await sleep('1h'); return clock.now(); }));`,
    );

    expect(printed).toBe('3600000');
  });

  it('keeps the first line of the command', async () => {
    expect(await readFile(join(dist, 'cli/main.js'), 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
  });

  it('leaves the lines of the source in its maps', async () => {
    const { sources } = JSON.parse(await readFile(join(dist, 'library.js.map'), 'utf8')) as {
      sources: string[];
    };

    expect(sources.some((path) => path.endsWith('src/flow/pump.ts'))).toBe(true);
  });
});

describe('the engines of the built package', () => {
  it('start workers', async () => {
    const printed = await output(
      'workers-built.mjs',
      `import { inProcess, inThread, runSync } from 'skein';
       const double = (n) => n * 2;
       console.log(await inThread(double, 2), await inProcess(double, 3), runSync(async (n) => n + 1, 1));`,
    );

    expect(printed).toBe('4 6 2');
  });
});

describe('a bundled program', () => {
  it.each(['esm', 'cjs'] as const)('runs as one %s file, without the package', async (format) => {
    const code = `import { map } from 'skein';
      map([1, 2, 3], async (n) => n * 2).then((doubled) => console.log(doubled.join()));`;
    const name = await bundled(`map.${format === 'esm' ? 'mjs' : 'cjs'}`, code, format);

    expect(await output(name)).toBe('2,4,6');
  });

  it.each(['esm', 'cjs'] as const)('starts workers from one %s file', async (format) => {
    const code = `import { inProcess, map, runSync, threads } from 'skein';
      const engine = threads({ size: 1 });
      map([1, 2, 3], (n) => n * 2, { engine }).then(async (doubled) => {
        console.log(doubled.join(), await inProcess((n) => n * 2, 4), runSync(async (n) => n + 1, 1));
        await engine[Symbol.asyncDispose]();
      });`;
    const name = await bundled(`workers.${format === 'esm' ? 'mjs' : 'cjs'}`, code, format);

    expect(await output(name)).toBe('2,4,6 8 2');
  });
});

describe.runIf(workers.length > 0)('the entries of workers', () => {
  it.each(workers)('%s is where the source has it, and loads the core only', async (worker) => {
    const file = join(dist, `${worker}.js`);

    expect(existsSync(file)).toBe(true);
    expect(await importsOf(file)).toEqual(['../../core.js']);
  });

  it('keeps apart from the core what a worker needs when a call shares something', async () => {
    const holds = async (name: string): Promise<boolean> =>
      (await readFile(join(dist, name), 'utf8')).includes('RemoteQueue');

    expect([await holds('core.js'), await holds('sharing.js')]).toEqual([false, true]);
    expect(await importsOf(join(dist, 'sharing.js'))).toEqual(['./core.js']);
  });

  it.each(workers)('%s is found from the built package', async (worker) => {
    const kind = worker.replace(/^.*\/|-entry$/g, '');
    const module = pathToFileURL(join(dist, 'engines/pool/worker-entry.js')).href;
    const printed = await output(
      'find.mjs',
      `import { workerEntry } from ${JSON.stringify(module)};
       console.log(workerEntry(${JSON.stringify(kind)}).href);`,
    );

    expect(printed).toBe(pathToFileURL(join(dist, `${worker}.js`)).href);
  });

  it.each(workers)('%s is a script in a bundled program', async (worker) => {
    const kind = worker.replace(/^.*\/|-entry$/g, '');
    const module = join(dist, 'engines/pool/worker-entry.js');
    const code = `import { workerEntry } from ${JSON.stringify(module)};
      process.stdout.write(workerEntry(${JSON.stringify(kind)}));`;
    const text = await output(await bundled('text.mjs', code, 'esm'));

    expect(() => new Script(text)).not.toThrow();
    expect(text).not.toMatch(/\brequire\(|\bfrom ?"\./);
  });
});
