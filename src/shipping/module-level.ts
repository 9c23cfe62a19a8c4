/**
 * Whether the code at work is the top level of a module: it, or what it has called and waits for, is found in the stack. On Node only, which
 * tells where the function of a frame begins; a module begins with its file, and no function that is called does.
 *
 * @module
 */

/** Deeper than that nobody starts work from the top of a file. */
const FRAMES = 100;

/** Other hosts have not all of it. */
type Frame = Partial<NodeJS.CallSite>;

/**
 * The modules, as stacks name them, that are being evaluated by the code that calls this. Cost: some 20 µs.
 *
 * @param above the function whose callers are looked at
 */
export function modulesAtWork(above: (...args: never[]) => unknown): readonly string[] {
  const { prepareStackTrace, stackTraceLimit } = Error;
  const collected: { stack?: unknown } = {};
  try {
    Error.stackTraceLimit = FRAMES;
    Error.prepareStackTrace = (_, frames) => frames.flatMap(moduleOf);
    Error.captureStackTrace?.(collected, above);
    const { stack } = collected;
    return Array.isArray(stack) ? (stack as string[]) : [];
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
    Error.prepareStackTrace = prepareStackTrace as typeof Error.prepareStackTrace;
  }
}

function moduleOf(frame: Frame): string[] {
  const isTop =
    frame.getEnclosingLineNumber?.() === 1 &&
    frame.getEnclosingColumnNumber?.() === 1 &&
    frame.getFunctionName?.() === null;
  const file = isTop ? frame.getFileName?.() : undefined;
  return file && !file.startsWith('node:') ? [file] : [];
}
