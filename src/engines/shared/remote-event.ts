/**
 * An event, as a worker sees it.
 *
 * @module
 */
import type { WaitBounds } from '../../core/bounds.ts';
import type { AsyncEvent } from '../../sync/async-event.ts';
import { lendAs } from './kinds.ts';
import { RemoteObject } from './remote-object.ts';

/** A flag that lives elsewhere. */
export class RemoteEvent
  extends RemoteObject
  implements Pick<AsyncEvent, 'set' | 'reset' | 'wait' | 'isSet'>
{
  protected readonly label: string = 'event';

  wait(bounds?: WaitBounds): Promise<void> {
    return this.awaited('wait', [], bounds);
  }

  set(): Promise<void> {
    return this.done('set', []);
  }

  reset(): Promise<void> {
    return this.done('reset', []);
  }

  get isSet(): boolean {
    return this.cannot('isSet', 'await wait()');
  }
}

lendAs(RemoteEvent, 'event');
