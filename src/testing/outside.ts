/**
 * Tells whether anything can still happen without time moving. A body is *durably blocked* when it is in a library wait that no
 * outside event can end. A wait by `until`, `cancellable` or `once`, or for a plain promise, counts as outside work as long as the
 * process has anything open (socket, file, host timer) that it had not before. An idle threshold instead of this rule gives up in
 * the middle of real I/O.
 *
 * @module
 */
import { anyForeign, kernel } from '../core/kernel.ts';
import { activeResources, monotonicNow, nextTurn, startHostTimer } from '../runtime/runtime.ts';

/**
 * How long, in real milliseconds, nothing may happen before a wait outside the library is taken for one that only the library can
 * end: for a plain promise, for `until` and its like, and where the host does not say what is open.
 */
const PATIENCE_MS = { foreign: 1, outside: 50, unknown: 500 };

/** Whether anybody waits for something that the library does not know. */
function waitsOutside(): boolean {
  return kernel.outside > 0 || anyForeign();
}

/** What the process has opened since this was made. */
export class Outside {
  #baseline = countResources() ?? 0;

  /**
   * Waits a turn of the event loop, and as long as something can come from outside; true when all was durably blocked meanwhile.
   *
   * @param ended whether there is nobody left who could be blocked
   */
  async blocked(ended: () => boolean): Promise<boolean> {
    const { activity } = kernel;
    await turn();
    const quiet = (): boolean => !ended() && kernel.turns === 0 && kernel.activity === activity;
    const since = monotonicNow();
    while (quiet() && waitsOutside()) {
      if (this.#nothingCanCome(monotonicNow() - since)) break;
      await pause();
    }
    return quiet();
  }

  /** Whether what is awaited cannot be on its way: the process has opened nothing that could still call back. */
  #nothingCanCome(silentMs: number): boolean {
    const open = countResources();
    if (open === undefined) return silentMs > PATIENCE_MS.unknown;
    // What was open before and has been closed since makes no room for what the body opens.
    this.#baseline = Math.min(this.#baseline, open);
    if (open > this.#baseline) return false;
    return silentMs > (kernel.outside > 0 ? PATIENCE_MS.outside : PATIENCE_MS.foreign);
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => nextTurn(resolve));
}

function pause(): Promise<void> {
  return new Promise((resolve) => startHostTimer(resolve, 1));
}

/** How many things are open that could still call back. The pipes that every process has are the baseline. */
function countResources(): number | undefined {
  return activeResources()?.length;
}
