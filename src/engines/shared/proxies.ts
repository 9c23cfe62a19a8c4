/**
 * What stands for a lent object in the worker.
 *
 * @module
 */
import type { Borrower } from './borrower.ts';
import type { Hole } from './pack.ts';
import { RemoteBroadcast, RemoteQueue, RemoteReceiver, RemoteSender } from './remote-conduits.ts';
import { RemoteEvent } from './remote-event.ts';
import { RemoteItems } from './remote-items.ts';
import { RemoteIterator } from './remote-iterator.ts';
import { runnerProxy } from './remote-runner.ts';
import { RemoteSteps } from './remote-steps.ts';
import { thrownElsewhere } from './thrown.ts';

/** Makes the proxy for a hole. */
export function proxyOf(borrower: Borrower, { id, kind, state }: Hole): object {
  switch (kind) {
    case 'signal':
      return signalProxy(borrower, id, state);
    case 'callback':
      return callbackProxy(borrower, id);
    case 'queue':
      return new RemoteQueue(borrower, id);
    case 'sender':
      return new RemoteSender(borrower, id);
    case 'receiver':
      return new RemoteReceiver(borrower, id);
    case 'broadcast':
      return new RemoteBroadcast(borrower, id);
    case 'event':
      return new RemoteEvent(borrower, id);
    case 'limiter':
    case 'runner':
      return runnerProxy(borrower, id, state);
    case 'iterator':
      return new RemoteIterator(borrower, id);
    case 'items':
      return new RemoteItems(borrower, id);
    case 'steps':
      return new RemoteSteps(borrower, id);
  }
}

/** A real signal, which aborts with the other one as long as the call lasts. */
function signalProxy(borrower: Borrower, id: number, state: unknown): AbortSignal {
  const controller = new AbortController();
  if (state !== undefined) controller.abort(thrownElsewhere(state));
  borrower.listen(id, { event: (reason) => controller.abort(thrownElsewhere(reason)) });
  return controller.signal;
}

/**
 * Calls in order. The promise settles as the real function's result does; whoever does not await it need not handle its rejection.
 */
function callbackProxy(borrower: Borrower, id: number): (...args: unknown[]) => Promise<unknown> {
  return (...args) => {
    borrower.requireOpen('call the callback');
    const result = borrower.ask(id, 'call', args, {
      label: 'result of a callback',
      leaving: 'at once',
      always: true,
    });
    result.catch(() => undefined);
    return result;
  };
}
