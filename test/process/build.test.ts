import { execFile } from 'node:child_process';
import { existsSync, globSync } from 'node:fs';
import { copyFile, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
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

/** How the command ended. */
interface EndedCommand {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
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

describe('the built command', () => {
  /** Runs it as if Node had another version. */
  const onNode = (version: string): Promise<EndedCommand> => {
    const versions = `{ ...process.versions, node: '${version}' }`;
    const code = `Object.defineProperty(process, 'versions', { value: ${versions} });`;
    const preload = `data:text/javascript,${encodeURIComponent(code)}`;
    const args = ['--import', preload, join(dist, 'cli/main.js'), '--version'];
    return run(process.execPath, args, { cwd: project }).then(
      ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
      (error: EndedCommand) => error,
    );
  };

  // Bun and Deno have versions of their own.
  describe.skipIf('Bun' in globalThis || 'Deno' in globalThis)('says what it needs', () => {
    it.each(['14.21.3', '20.20.2', '22.17.1', '22.9.0'])('on Node %s', async (version) => {
      const { code, stdout, stderr } = await onNode(version);

      expect(stderr).toBe(`skein needs Node 22.18 or newer: this is ${version}\n`);
      expect([code, stdout]).toEqual([2, '']);
    });

    it.each(['22.18.0', '23.0.0', '26.10.0'])('and runs on Node %s', async (version) => {
      expect(await onNode(version)).toMatchObject({ code: 0, stdout: `${pkg.version}\n` });
    });
  });

  it('needs what package.json asks for', async () => {
    const text = await readFile(join(dist, 'cli/main.js'), 'utf8');

    expect(text).toContain(`skein needs Node ${pkg.engines.node.replace('>=', '')} or newer`);
  });

  it('can be read by a Node that is too old: it has no newer syntax, and imports the rest later', async () => {
    const text = await readFile(join(dist, 'cli/main.js'), 'utf8');
    const plain = text.replace(/^export \{\};$/m, '').replace(/^\/\/.*$/gm, '');

    expect(() => new Script(plain)).not.toThrow();
    expect(plain).not.toMatch(/\?\.|\?\?|=>|`|\*\*|\bawait\b/);
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

/** Before Node 24.2 a module cannot tell whether it is the program. */
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const hasMain = major > 24 || (major === 24 && minor >= 2);

describe('a bundled program whose tasks have a module of their own', () => {
  const tasks = `import { task } from 'skein';
    const names = ['zero', 'one', 'two'];
    export const nameOf = task(import.meta, function nameOf(n) { return names[n]; });`;
  const calls = (file: string): string =>
    `Promise.all([inThread(nameOf, 1), inProcess(nameOf, 2)]).then(
      (found) => console.log('${file}', ...found),
      ({ code, message }) => console.log('${file}', code, message),
    );`;
  const imports = (file: string): string =>
    `import { inProcess, inThread } from 'skein';
     import { nameOf } from './${file}.mjs';`;

  it.runIf(hasMain)(
    'runs in the workers what is declared, and not the program, which has a guard',
    async () => {
      await writeFile(join(project, 'guarded-tasks.mjs'), tasks);
      const code = `${imports('guarded-tasks')}
      if (import.meta.main) { console.log('starts'); ${calls('guarded')} }`;
      const name = await bundled('guarded.mjs', code, 'esm');

      expect((await output(name)).split('\n')).toEqual(['starts', 'guarded one two']);
    },
  );

  it('is told what to do when it has none', async () => {
    await writeFile(join(project, 'bare-tasks.mjs'), tasks);
    const code = `${imports('bare-tasks')} console.log(await inThread(nameOf, 1));`;
    const name = await bundled('bare.mjs', code, 'esm');

    const failed = (await output(name).catch((error: unknown) => error)) as { stderr: string };
    expect(failed.stderr).toContain(
      `Cannot start threads while a worker imports ${pathToFileURL(join(project, name)).href}: a module that holds tasks is imported again in every worker. ` +
        'Move the tasks to a module of their own, or guard what starts the program with `if (import.meta.main)`, from Node 24.2 on',
    );
    expect(failed.stderr).toContain("code: 'ERR_IMPORTING_WORKER'");
  });
});

describe('tests of a project, under vitest', () => {
  it('send functions to the workers of the installed package', async () => {
    await symlink(join(root, 'node_modules/vitest'), join(project, 'node_modules/vitest'));
    await writeFile(join(project, 'package.json'), '{ "type": "module" }');
    const folder = join(root, 'test/process/fixtures/vitest-project');
    await copyFile(join(folder, 'tasks.ts'), join(project, 'tasks.ts'));
    await copyFile(join(folder, 'sent.ts'), join(project, 'sent.test.ts'));
    const vitest = join(root, 'node_modules/vitest/vitest.mjs');
    const report = join(project, 'report.json');
    // The runner that runs this one must not be taken for its own.
    const env = Object.entries(process.env).filter(([name]) => !/^VITE/.test(name));
    // That tests failed, the report says.
    await run(
      process.execPath,
      [vitest, 'run', '--root', project, '--reporter', 'json', '--outputFile', report],
      { cwd: project, env: Object.fromEntries(env) },
    ).catch(() => undefined);

    const { testResults } = JSON.parse(await readFile(report, 'utf8')) as Report;
    const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
    expect(tests.filter(({ status }) => status !== 'passed')).toEqual([]);
    expect(tests.length).toBe(6);
  }, 30_000);
});

/** What vitest reports. */
interface Report {
  readonly testResults: readonly {
    readonly assertionResults: readonly {
      readonly status: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

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
