/**
 * Where the host, or a test runner, says that a place of a file comes from: frames of this heap are shown so where source maps are in use, and
 * a worker, which has only a piece of the text, knows of no map.
 *
 * @module
 */
import { hostModule, hostProcess } from '../runtime/runtime.ts';

/** Gives the origin of a place, as a frame shows it (`file:///a.ts:3:5`), or undefined where nothing is known of it. Counts from 1. */
export type Mapper = (url: string, line: number, column: number) => string | undefined;

/** What maps frames in this heap. Undefined where nothing does, as in most. */
export function mapper(): Mapper | undefined {
  if (hostProcess()?.sourceMapsEnabled === true) return bySourceMap;
  // Node has such a function itself, which maps nothing then.
  const { prepareStackTrace: hook } = Error;
  return typeof hook === 'function' && hook.name !== 'ErrorPrepareStackTrace' ? byHook : undefined;
}

/** Node's own, of `--enable-source-maps`. */
function bySourceMap(url: string, line: number, column: number): string | undefined {
  const found = hostModule<typeof import('node:module')>('node:module')?.findSourceMap(url);
  const origin = found?.findOrigin(line, column);
  if (origin === undefined || !('fileName' in origin)) return undefined;
  return `${origin.fileName}:${origin.lineNumber}:${origin.columnNumber}`;
}

/** Runners and loaders replace the function that makes frames into text: it is shown a frame of that place. */
function byHook(url: string, line: number, column: number): string | undefined {
  const paths = hostModule<typeof import('node:url')>('node:url');
  const files =
    url.startsWith('file:') && paths !== undefined ? [paths.fileURLToPath(url), url] : [url];
  for (const file of files) {
    const frame = new Frame(file, line, column);
    const shown = shownBy(frame);
    if (shown !== undefined && shown !== String(frame)) return shown;
  }
  return undefined;
}

function shownBy(frame: Frame): string | undefined {
  try {
    const text: unknown = Error.prepareStackTrace?.(new Error(''), [frame as never]);
    return /([^\s()]+:\d+:\d+)\)?\s*$/.exec(String(text))?.[1];
  } catch {
    return undefined;
  }
}

/** A frame as V8 gives it to that function. */
class Frame {
  readonly #file: string;
  readonly #line: number;
  readonly #column: number;

  constructor(file: string, line: number, column: number) {
    this.#file = file;
    this.#line = line;
    this.#column = column;
  }

  getFileName(): string {
    return this.#file;
  }

  getScriptNameOrSourceURL(): string {
    return this.#file;
  }

  getLineNumber(): number {
    return this.#line;
  }

  getColumnNumber(): number {
    return this.#column;
  }

  getFunctionName(): null {
    return null;
  }

  getMethodName(): null {
    return null;
  }

  getTypeName(): null {
    return null;
  }

  getPromiseIndex(): null {
    return null;
  }

  getEvalOrigin(): undefined {}

  getFunction(): undefined {}

  getThis(): undefined {}

  isToplevel(): boolean {
    return true;
  }

  isNative(): boolean {
    return false;
  }

  isEval(): boolean {
    return false;
  }

  isConstructor(): boolean {
    return false;
  }

  isAsync(): boolean {
    return false;
  }

  isPromiseAll(): boolean {
    return false;
  }

  toString(): string {
    return `${this.#file}:${this.#line}:${this.#column}`;
  }
}
