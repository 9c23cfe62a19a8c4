/**
 * Who notices when a fix is taken back? For each commit: undoes what it has changed below `src`, in a scratch clone, and runs the random
 * programs and the tests that came with it.
 *
 * `node scripts/mutate-fixes.ts [--seeds 20000] <commit> …`
 *
 * @module
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

const ROOT = resolve(import.meta.dirname, '..');
const MOST_MS = 15 * 60_000;

const { values, positionals: commits } = parseArgs({
  options: { seeds: { type: 'string', default: '20000' } },
  allowPositionals: true,
});
const clone = mkdtempSync(join(tmpdir(), 'skein-mutants-'));

function git(...args: readonly string[]): string {
  return execFileSync('git', ['-C', clone, ...args], { encoding: 'utf8' });
}

/** Puts back what the commit has changed below `src`; false where later commits have changed the same lines. */
function undo(commit: string): boolean {
  const input = git('diff', '--binary', commit, `${commit}~1`, '--', 'src');
  const args = ['-C', clone, 'apply', '--3way', '--whitespace=nowarn', '-'];
  return spawnSync('git', args, { input, stdio: ['pipe', 'ignore', 'ignore'] }).status === 0;
}

/** Runs a program of Node in the clone; gives its exit code and what it wrote. */
function node(...args: readonly string[]): { readonly failed: boolean; readonly text: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: clone,
    encoding: 'utf8',
    timeout: MOST_MS,
    maxBuffer: 2 ** 28,
  });
  return { failed: status !== 0, text: `${stdout}${stderr}` };
}

/** What the random programs say: nothing, or how many are wrong, and in which ways most of them. */
function programs(): string {
  const { failed, text } = node(
    '--conditions=@skein/source',
    'scripts/random-programs.ts',
    values.seeds,
    '0',
  );
  if (!failed) return 'not noticed';
  const lines = text.split('\n');
  const kinds = lines.filter((line) => /^\d+ x /.test(line)).slice(0, 3);
  const count = /: (\d+) end as they should not/.exec(text)?.[1];
  if (count === undefined)
    return `does not run: ${lines.find((line) => /Error/.test(line)) ?? text.slice(0, 200)}`;
  return [`noticed by ${count} of ${values.seeds}`, ...kinds].join('\n    ');
}

/** What the tests say that the commit has changed. */
function tests(commit: string): string {
  const changed = git('diff', '--name-only', `${commit}~1`, commit, '--', 'test').split('\n');
  const files = changed.filter(
    (file) => file.endsWith('.test.ts') && existsSync(join(clone, file)),
  );
  if (files.length === 0) return 'none came with it';
  const { failed } = node('node_modules/vitest/vitest.mjs', 'run', ...files);
  return failed ? `noticed (${files.join(', ')})` : `not noticed (${files.join(', ')})`;
}

try {
  execFileSync('git', ['clone', '--quiet', '--shared', ROOT, clone]);
  symlinkSync(join(ROOT, 'node_modules'), join(clone, 'node_modules'));
  const head = git('rev-parse', 'HEAD').trim();
  console.log(`as it is\n  random programs: ${programs()}`);
  for (const commit of commits) {
    git('reset', '--quiet', '--hard', head);
    console.log(`\n${git('log', '-1', '--format=%h %s', commit).trim()}`);
    if (!undo(commit)) {
      console.log('  cannot be undone alone: the same lines have been changed since');
      continue;
    }
    console.log(`  random programs: ${programs()}`);
    console.log(`  its own tests: ${tests(commit)}`);
  }
} finally {
  rmSync(clone, { recursive: true, force: true });
}
