import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { exitCodeOf } from '../process/exit-code.ts';

/** What a run of the command left. */
export interface Finished {
  readonly code: number | null;
  readonly records: readonly { readonly [key: string]: unknown }[];
  readonly stdout: string;
  readonly stderr: string;
}

/** A running command. */
export interface Running {
  readonly finished: Promise<Finished>;
  write(text: string): void;
  end(): void;
  signal(name: NodeJS.Signals): void;
  /** Waits until so many records are on stdout. */
  recorded(count: number): Promise<void>;
  /** Waits until stderr holds a text. */
  said(text: string): Promise<void>;
}

/** The entry of the command. */
export const main: string = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
/** The folder of the fixtures: where the command runs. */
export const fixtures: string = fileURLToPath(new URL('./fixtures/', import.meta.url));

/** Starts `skein` with these arguments, from source. */
export function start(...args: readonly string[]): Running {
  const child = spawn(process.execPath, [main, ...args], { cwd: fixtures });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk;
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk;
  });
  const finished = exitCodeOf(child).then((code) => ({
    code,
    stdout,
    stderr,
    get records() {
      const lines = stdout.split('\n').filter((line) => line !== '');
      return lines.map((line) => JSON.parse(line) as { readonly [key: string]: unknown });
    },
  }));
  // A command that has ended by itself reads no more: that is no error of the test.
  child.stdin.on('error', () => undefined);
  return {
    finished,
    write: (text) => child.stdin.write(text),
    end: () => child.stdin.end(),
    signal: (name) => process.kill(child.pid as number, name),
    async recorded(count) {
      while (stdout.split('\n').length <= count) await once(child.stdout, 'data');
    },
    async said(text) {
      while (!stderr.includes(text)) await once(child.stderr, 'data');
    },
  };
}

/** Runs `skein` to its end with an input. */
export function skein(input: string, ...args: readonly string[]): Promise<Finished> {
  const running = start(...args);
  running.write(input);
  running.end();
  return running.finished;
}
