/**
 * The clocks that run while a worker has a call: how long its body may take, and how long it may go on after it was told to stop.
 * They are real time, whatever clock the library is on: a worker is outside.
 *
 * @module
 */
import { realClock } from '../../core/clock.ts';
import { toMilliseconds } from '../../core/duration.ts';
import { TimedOut } from '../../core/errors.ts';
import { monotonicNow } from '../../runtime/runtime.ts';
import type { CallOwner, PoolCall } from './pool-call.ts';
import type { PoolWorker } from './pool-worker.ts';

/** Stops a call when its body has taken longer than it may. The time counts from its start, which only the worker knows. */
export function watchTime(call: PoolCall, owner: CallOwner): void {
  // It may have been at another worker before.
  call.timer?.stop();
  if (call.call.timeout !== undefined) {
    watch(call, owner, toMilliseconds(call.call.timeout, 'timeout'));
  }
}

function watch(call: PoolCall, owner: CallOwner, timeout: number): void {
  const look = (wait: number): void => {
    call.timer = realClock.at(realClock.now() + wait, () => {
      const startedAt = call.worker?.link.startedAt(call);
      const left = startedAt === undefined ? timeout : startedAt + timeout - monotonicNow();
      if (left > 0) look(left);
      else owner.stop(call, TimedOut.at(call.site, timeout, call.caption), true);
    });
  };
  look(timeout);
}

/** Calls `kill` when a body goes on for longer than `grace`. A call that has not even started waits behind somebody else's. */
export function killAfter(
  worker: PoolWorker,
  call: PoolCall,
  grace: number,
  kill: () => void,
): void {
  call.timer = realClock.at(realClock.now() + grace, () => {
    if (call.worker !== worker || worker.gone) return;
    if (worker.link.isRunning(call)) kill();
    // That it has ended may be heard of by asking.
    else if (call.worker === worker) killAfter(worker, call, grace, kill);
  });
}
