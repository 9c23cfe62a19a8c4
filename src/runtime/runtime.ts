/**
 * The only place that knows which JavaScript runtime this is. Everything else asks for a timer, a turn of the event loop or the
 * number of cores here. The functions are captured once, at load, so that a test which replaces the globals (`virtual` with
 * `globals: true`, or a fake-timer library) never stops the machinery that drives it.
 *
 * @module
 */

const realSetTimeout = globalThis.setTimeout;
const realClearTimeout = globalThis.clearTimeout;
const realNow: () => number = clockOfHost();
const realSetImmediate: typeof setImmediate | undefined = globalThis.setImmediate;

/** The clock as it is when this is loaded. Node makes its `performance` when it is first asked for, which takes a millisecond; `hrtime` is there. */
function clockOfHost(): () => number {
  const { hrtime } = (globalThis as { process?: { hrtime?(): [number, number] } }).process ?? {};
  if (hrtime !== undefined) {
    return () => {
      const [seconds, nanoseconds] = hrtime();
      return seconds * 1e3 + nanoseconds / 1e6;
    };
  }
  const { performance } = globalThis;
  return performance.now.bind(performance);
}

/** Milliseconds on a monotonic clock, the same for all threads and processes of this machine where the host has one. */
export function monotonicNow(): number {
  return realNow();
}

/** A timer of the host. */
export type HostTimer = ReturnType<typeof setTimeout>;

/** What a timer of the host can wait at the most, in milliseconds: with more it does not wait at all. */
export const LONGEST_WAIT: number = 2 ** 31 - 1;

/** Calls `fn` after `ms` milliseconds by the host's timer, which may fire up to a millisecond early. */
export function startHostTimer(fn: () => void, ms: number): HostTimer {
  return realSetTimeout(fn, ms);
}

/** Stops a timer of the host. */
export function stopHostTimer(timer: HostTimer): void {
  realClearTimeout(timer);
}

/** The same for a timer that keeps no process alive. */
export function startQuietTimer(fn: () => void, ms: number): HostTimer {
  const timer = realSetTimeout(fn, ms);
  (timer as { unref?(): void }).unref?.();
  return timer;
}

/** Calls `fn` in a later turn of the event loop, after timers and I/O that are due have had theirs. */
export function nextTurn(fn: () => void): void {
  if (realSetImmediate === undefined) realSetTimeout(fn, 0);
  else realSetImmediate(fn);
}

/** The part of Node's `process` that is used here; Bun and Deno have it too. */
export interface HostProcess {
  getBuiltinModule?(name: string): unknown;
  getActiveResourcesInfo?(): string[];
  on(event: 'uncaughtExceptionMonitor', listener: (error: unknown) => void): unknown;
  on(event: string, listener: (name: string) => void): unknown;
  once(event: 'exit', listener: (code: number) => void): unknown;
  off(event: string, listener: (name: string) => void): unknown;
  listenerCount(event: string): number;
  exitCode?: string | number | null | undefined;
  exit(code: number): never;
  readonly sourceMapsEnabled?: boolean;
  readonly env?: Readonly<Record<string, string | undefined>>;
  emitWarning?(warning: Error): void;
}

/** The process, or undefined where there is none, as in a browser. */
export function hostProcess(): HostProcess | undefined {
  return (globalThis as { process?: HostProcess }).process;
}

/** Loads a module of the host (`node:os`, `node:async_hooks`), or gives undefined where there is none, as in a browser. */
export function hostModule<T>(name: string): T | undefined {
  return hostProcess()?.getBuiltinModule?.(name) as T | undefined;
}

/** Gives how many cores this process may use: what affinity and container leave, not what is installed. */
export function availableCores(): number {
  const os = hostModule<typeof import('node:os')>('node:os');
  return os?.availableParallelism?.() ?? globalThis.navigator?.hardwareConcurrency ?? 1;
}

/**
 * Lists the kinds of the host's open resources (sockets, timers, file operations), so that the virtual clock can tell whether
 * anything outside the library could still happen. Undefined where the host does not tell.
 */
export function activeResources(): readonly string[] | undefined {
  // Bun 1.4 has the function, but it lists nothing.
  if ('Bun' in globalThis) return undefined;
  return hostProcess()?.getActiveResourcesInfo?.();
}

/** Tells the operator of something that no caller will be told. */
export function warn(warning: Error): void {
  const host = hostProcess();
  if (host?.emitWarning !== undefined) host.emitWarning(warning);
  else console.warn(warning);
}
