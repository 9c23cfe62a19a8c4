/**
 * What bodies write to the console, on its way out. The output of a thread goes through the one that started it, a piece at a time, which does
 * not come to it while it is blocked, nor when it ends right after; that of a process may have to wait for a reader, which its exit does not.
 *
 * @module
 */
import { hostModule } from '../../runtime/runtime.ts';

type Written = (error?: Error | null) => void;

/** The parts of a stream that Node lets its makers, and those who amend it, define. */
interface Output {
  _write?(chunk: Uint8Array, encoding: BufferEncoding, written: Written): void;
  _writev?: unknown;
}

/**
 * Makes a stream write to a file descriptor of the process, at the time of the call.
 *
 * @param fd 1 or 2
 */
export function writeAtOnce(stream: object, fd: 1 | 2): void {
  const fs = hostModule<typeof import('node:fs')>('node:fs');
  const output = stream as Output;
  // Bun and Deno write at once as they are.
  if (fs === undefined || output._write === undefined || !('_writev' in output)) return;
  output._writev = null;
  output._write = (chunk, encoding, written) => {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk;
    try {
      writeAll(fs, fd, bytes);
      written();
    } catch (error) {
      written(error as Error);
    }
  };
}

const pause = new Int32Array(new SharedArrayBuffer(4));

function writeAll(fs: typeof import('node:fs'), fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) {
    try {
      at += fs.writeSync(fd, bytes, at);
    } catch (error) {
      // A pipe that nobody empties at the moment.
      if ((error as { code?: unknown }).code !== 'EAGAIN') throw error;
      Atomics.wait(pause, 0, 0, 1);
    }
  }
}

/** Waits until all that was written is out, while the event loop turns. */
export async function allWritten(): Promise<void> {
  await Promise.all([written(process.stdout), written(process.stderr)]);
}

/** A body may have put a function of its own in place of `write`. */
function written(stream: NodeJS.WriteStream): Promise<void> {
  const { write } = Object.getPrototypeOf(stream) as {
    write(text: string, done: () => void): boolean;
  };
  return new Promise((resolve) => write.call(stream, '', resolve));
}
