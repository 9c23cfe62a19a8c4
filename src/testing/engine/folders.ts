/**
 * The folders that the engine contract makes: none outlives the process that made it. What a case leaves is removed at the end of the
 * process, also if that comes by a signal, or because a runner gives up on a case. What a process leaves that nothing could warn (SIGKILL, a crash) is
 * removed by the next one, when it is old enough not to be somebody else's.
 *
 * @module
 */
import { host } from './host.ts';

const PREFIX = 'skein-engine-';
/** What else ends a process, and can be heard. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** Milliseconds after which a folder whose process is not there was left: it may be one of another machine, or container, that shares the place. */
const OLD = 3_600_000;

const open = new Set<string>();
let hasSwept = false;

/** Makes an empty one. */
export function openFolder(): string {
  const { fs, os, path, process } = host();
  if (!hasSwept) sweep();
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), `${PREFIX}${process.pid}-`));
  if (open.size === 0) listen(true);
  open.add(folder);
  return folder;
}

/** Removes it, with all that is in it. */
export function removeFolder(folder: string): void {
  remove(folder);
  if (open.delete(folder) && open.size === 0) listen(false);
}

function remove(folder: string): void {
  // A body that was left behind may be writing into it.
  host().fs.rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 10 });
}

function listen(isOn: boolean): void {
  const { process } = host();
  const change = isOn ? process.on.bind(process) : process.off.bind(process);
  change('exit', removeAll);
  for (const signal of SIGNALS) change(signal, die);
}

function removeAll(): void {
  for (const folder of open) remove(folder);
}

/** Ends as without this, if nobody else wants it otherwise. */
function die(signal: NodeJS.Signals): void {
  const { process } = host();
  if (process.listenerCount(signal) > 1) return;
  removeAll();
  process.off(signal, die);
  process.kill(process.pid, signal);
}

/** Removes what processes left that are gone. */
function sweep(): void {
  hasSwept = true;
  const { fs, os, path } = host();
  try {
    for (const name of fs.readdirSync(os.tmpdir())) {
      const pid = Number(new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1]);
      const folder = path.join(os.tmpdir(), name);
      if (pid > 0 && Date.now() - fs.statSync(folder).mtimeMs > OLD && !isThere(pid))
        remove(folder);
    }
  } catch {
    // Somebody else's, or gone in the meantime.
  }
}

function isThere(pid: number): boolean {
  try {
    host().process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
