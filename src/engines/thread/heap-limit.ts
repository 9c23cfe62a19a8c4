/**
 * The limit of heap that a pool gives to its threads, in a program that was started with one of its own: V8 takes that of the program for
 * every heap that is made, whatever the thread was given. So it is lifted while such a thread starts, which is the only time that V8 looks at it.
 *
 * @module
 */
import { bare } from '../../core/own-options.ts';
import { hostModule } from '../../runtime/runtime.ts';
import { heapSizes } from '../pool/exec-options.ts';

type Worker = import('node:worker_threads').Worker;
type ResourceLimits = import('node:worker_threads').ResourceLimits;

/**
 * Megabytes of its young generation. What leaves that at once must fit into the 16 MB that Node gives a thread which has no memory left, for
 * it to end by itself: with more, as is the default, V8 ends the whole process.
 */
const YOUNG = 48;

/** What holds a thread to so many megabytes of heap. */
export function limitsOf(megabytes: number): ResourceLimits {
  return bare({ maxOldGenerationSizeMb: megabytes, maxYoungGenerationSizeMb: YOUNG });
}

/** Threads that are starting now. */
let starting = 0;

/** Starts a thread whose own limit is to hold. */
export function startWithOwnLimit(start: () => Worker): Worker {
  const sizes = heapSizes();
  if (sizes.length === 0) return start();
  if (starting++ === 0) set(sizes.map(([name]) => [name, 0]));
  let isStarted = false;
  const started = (): void => {
    if (isStarted) return;
    isStarted = true;
    if (--starting === 0) set(sizes);
  };
  try {
    // Its heap is there when it runs, or there never is one.
    return start().once('online', started).once('exit', started);
  } catch (error) {
    started();
    throw error;
  }
}

function set(sizes: readonly (readonly [name: string, megabytes: number])[]): void {
  const v8 = hostModule<typeof import('node:v8')>('node:v8');
  for (const [name, megabytes] of sizes) v8?.setFlagsFromString(`--${name}=${megabytes}`);
}
