import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';

/** Waits for a process. Deno 2.9 reports an exit with 130 as a death by SIGINT, which Node does not. */
export async function exitCodeOf(child: ChildProcess): Promise<number | null> {
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  return code === null && signal !== null && 'Deno' in globalThis
    ? 128 + constants.signals[signal]
    : code;
}
