/**
 * A commit of this repository in a folder of its own, for as long as it is measured. What npm has installed is that of the working tree.
 *
 * @module
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
/** What a measurement depends on. The tables are rewritten by measuring. */
const MEASURED = ['src', 'bench', 'scripts/build.ts', 'package.json', ':!bench/README.md'];
const INSTALLED = ['node_modules', 'bench/node_modules'];
const run = promisify(execFile);

/** A commit, and where it is. */
export interface Checkout {
  /** Its short name and its subject. */
  readonly title: string;
  readonly hash: string;
  readonly bench: URL;
  /** Takes the folder away. */
  readonly remove: () => Promise<void>;
}

async function git(...args: readonly string[]): Promise<string> {
  return (await run('git', ['-C', ROOT, ...args])).stdout.trim();
}

/** The hash of what somebody calls a commit. */
export async function commitOf(name: string): Promise<string> {
  try {
    return await git('rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`);
  } catch (error) {
    throw new RangeError(`Expected --against to be a commit of this repository: got ${name}`, {
      cause: error,
    });
  }
}

/** Refuses to go on if files that are measured are not as they are in `HEAD`. */
export async function requireCommitted(): Promise<void> {
  const changed = await git('status', '--porcelain', '--', ...MEASURED);
  if (changed !== '')
    throw new Error(
      `Cannot compare what is not committed, as HEAD is what is measured: commit these first\n${changed}`,
    );
}

/** The files of the bench that differ: what they measure may differ too. */
export async function differingBenches(before: string, after: string): Promise<string[]> {
  const measuring = MEASURED.filter((path) => path !== 'src');
  const names = await git('diff', '--name-only', before, after, '--', ...measuring);
  return names.split('\n').filter((name) => name !== '');
}

/** Makes the folder. */
export async function checkOut(hash: string): Promise<Checkout> {
  const title = await git('log', '-1', '--format=%h %s', hash);
  const parent = await mkdtemp(join(tmpdir(), 'skein-bench-'));
  const folder = join(parent, hash.slice(0, 10));
  const remove = async (): Promise<void> => {
    // The links first: nothing may be removed through them.
    for (const name of INSTALLED) await rm(join(folder, name), { force: true });
    await git('worktree', 'remove', '--force', folder).catch(() => {}); // It may never have become one.
    await rm(parent, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  };
  try {
    await git('-c', 'core.hooksPath=/dev/null', 'worktree', 'add', '--detach', folder, hash);
    for (const name of INSTALLED) await symlink(join(ROOT, name), join(folder, name));
  } catch (error) {
    await remove();
    throw error;
  }
  return { title, hash, bench: pathToFileURL(join(folder, 'bench/')), remove };
}
