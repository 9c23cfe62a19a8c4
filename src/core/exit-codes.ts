/**
 * The exit codes of a program: those of signals, as shells show them, and the one of a program that cannot go on.
 *
 * @module
 */
import { hostProcess } from '../runtime/runtime.ts';

const NUMBERS = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGUSR1: 10,
  SIGUSR2: 12,
  SIGTERM: 15,
} as const;

/** A signal that can end a program. */
export type StopSignal = keyof typeof NUMBERS;

/** The names of those signals. */
export const STOP_SIGNALS: readonly StopSignal[] = Object.keys(NUMBERS) as StopSignal[];

/** The exit code of a program in which every task waits and nothing can wake one: EX_SOFTWARE of sysexits.h. */
export const DEADLOCK_CODE = 70;

/** What a shell shows for a program that this signal has ended. */
export function signalCode(signal: string): number {
  return 128 + (NUMBERS[signal as StopSignal] ?? 0);
}

/** Errors with an exit code of their own, should one end the process. */
const codes = new WeakMap<object, number>();
let isWatching = false;

/**
 * Gives an error an exit code: if nobody catches it, the process ends with that one and not with Node's 1. Whoever catches it goes
 * on as if this had never been called, also where that is an `uncaughtException` handler.
 */
export function exitCodeIfUncaught(error: object, code: number): void {
  codes.set(error, code);
  const host = hostProcess();
  if (isWatching || host === undefined) return;
  isWatching = true;
  host.on('uncaughtExceptionMonitor', (uncaught) => {
    const wanted = codes.get(uncaught as object);
    if (wanted === undefined || host.listenerCount('uncaughtException') > 0) return;
    host.once('exit', (given) => {
      if (given === 1) host.exitCode = wanted;
    });
  });
}
