/**
 * What a program has written and its reader has not taken yet. `process.exit` throws it away: the stream of a pipe holds back what is
 * more than the pipe has room for.
 *
 * @module
 */
import { hostProcess } from './runtime.ts';

/** The part of a stream of Node that is used here. */
interface Output {
  readonly writableLength?: number;
  once(event: 'error', listener: () => void): unknown;
  write(text: string, written: () => void): unknown;
}

/** Calls `fn` when everything is out, at once where it is, or when it cannot get out. */
export function whenWritten(fn: () => void): void {
  const { stdout, stderr } = (hostProcess() ?? {}) as { stdout?: Output; stderr?: Output };
  const held = [stdout, stderr].filter((stream) => (stream?.writableLength ?? 0) > 0) as Output[];
  let left = held.length;
  if (left === 0) {
    fn();
    return;
  }
  for (const stream of held) {
    let isOut = false;
    const out = (): void => {
      if (isOut) return;
      isOut = true;
      if (--left === 0) fn();
    };
    stream.once('error', out);
    stream.write('', out);
  }
}
