/**
 * Sees to it that a child does not outlive its parent, even where its own event loop never gets a turn.
 *
 * @module
 */

/**
 * What the watcher runs: a thread that waits for the end of a pipe, whose other end only the parent has. It is text so that it needs
 * no file, and costs as little as a thread can.
 */
const WATCHER = `
const { workerData: fd } = require('node:worker_threads');
const { Socket } = require('node:net');
const die = () => process.kill(process.pid, 'SIGKILL');
new Socket({ fd, readable: true, writable: false }).on('data', () => {}).on('error', die).on('close', die);
`;

/** Starts the watcher. It keeps no process alive. */
export function watchParent(
  threads: typeof import('node:worker_threads') | undefined,
  fd: number,
): void {
  if (threads === undefined) return;
  const watcher = new threads.Worker(WATCHER, {
    eval: true,
    workerData: fd,
    execArgv: [],
    stdout: false,
    resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 1 },
  });
  watcher.on('error', () => undefined);
  watcher.unref();
}
