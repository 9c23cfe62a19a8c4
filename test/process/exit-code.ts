import type { ChildProcess, ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';

/** Waits for a process. Deno 2.9 reports an exit with 130 as a death by SIGINT, which Node does not. */
export async function exitCodeOf(child: ChildProcess): Promise<number | null> {
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  return code === null && signal !== null && 'Deno' in globalThis
    ? 128 + constants.signals[signal]
    : code;
}

/** How a process ended, and what it said. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Reads a process to its end. */
export async function endOf(child: ChildProcessWithoutNullStreams): Promise<Ended> {
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk;
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk;
  });
  return { code: await exitCodeOf(child), stdout, stderr };
}
