/**
 * One source, divided among several copies of a body: every item goes to exactly one of them, to whichever asks first.
 *
 * A copy on this loop asks for one item at a time. A copy behind a boundary gets a batch, which `ItemsDesk` keeps small enough for it to
 * be used up in about half a millisecond; where another copy has nothing to do meanwhile, half of what was not begun is called back.
 *
 * @module
 */
import type { Timer } from '../core/clock.ts';
import { DEFAULT_GRACE } from '../core/grace.ts';
import { afterTurn, kernel, touch } from '../core/kernel.ts';
import { Ring } from '../core/ring.ts';
import { requireSource, type Source } from '../core/source.ts';
import type { Waiter } from '../core/wait-queue.ts';
import { WaitQueue } from '../core/wait-queue.ts';
import { DirectSeat } from './items-seat.ts';
import { ItemsSource, type SourceOwner } from './items-source.ts';

/** What one copy has of a shared source. Single use, like the copy. */
export interface ItemsSeat<T> extends AsyncIterableIterator<T> {
  /** How many items went to this copy. Those of a batch that came back are not counted. */
  readonly taken: number;
  /**
   * Items that went to this copy and were not finished: an item is finished when the copy asks for the next one, or ends well. Of a copy
   * that died in another memory these may include some that it had not begun, up to one batch: it cannot be asked any more.
   */
  readonly unfinished: readonly T[];
  /**
   * Says that the copy has ended; further calls do nothing. Its loop ends if it still waits.
   *
   * @param failed whether the item it had in hand was not finished. Default false
   */
  leave(failed?: boolean): void;
}

/** A shared source. */
export interface ItemsHub<T> {
  /** A seat for one more copy. Leaving its loop (`return()`) leaves the source as it is: a further loop gets the next items. */
  join(): ItemsSeat<T>;
  /** How many items went to copies. */
  readonly taken: number;
  /** Items that were taken from the source and reached no copy: asked for, or given back, when nobody wanted any more. Mostly empty. */
  readonly left: readonly T[];
  /** What the source failed with: everybody who asks for more gets it. */
  readonly failure: { readonly error: unknown } | undefined;
  /**
   * Ends it: those who wait get the end, and the source is closed, once, if it was opened and has not ended by itself: a read that is
   * out ends. For when the last copy has ended.
   *
   * @param grace milliseconds from now that it has to close, in place of those that it was shared with; a further call sets them anew
   * @throws what the source throws when it is closed; StuckTasks when it has not closed in time
   */
  close(grace?: number): Promise<void>;
}

/** Items for one who asked; none at the end. */
export type Batch<T> = readonly T[];

/** Someone who has asked for so many items at most. */
export type Asker<T> = Waiter<Batch<T>, unknown>;

/** A batch elsewhere, of which something may come back. */
export interface Lent {
  /** On the clock in force: when the batch was given. */
  readonly since: number;
  /** Asks for half of what has not been begun. `Hub.giveBack` is called later, also when there is nothing. */
  recall(): void;
}

/** A batch is called back when it is older than this: it was thought to last for half of it. */
const OVERDUE_MS = 1;

/**
 * Shares a source out. The source is opened when the first item is wanted, read in the context of this call, and closed by `close`, and
 * when the scope of this call is cancelled: then those who ask get that cancellation.
 *
 * @param name what reports call it
 * @param grace milliseconds that it has to close
 * @throws TypeError when `source` cannot be iterated
 */
export function shareItems<T>(
  source: Source<T>,
  name: string = 'the source',
  grace: number = DEFAULT_GRACE,
): ItemsHub<T> {
  requireSource(source, 'source');
  return new Hub<T>(source, name, grace);
}

/** @internal */
export class Hub<T> implements ItemsHub<T>, SourceOwner<T> {
  readonly #source: ItemsSource<T>;
  /** Items that have come back, or have arrived for somebody. */
  readonly #held = new Ring<T>();
  readonly #line = new WaitQueue<Batch<T>, unknown>();
  readonly #lent = new Set<Lent>();
  readonly #recalled = new Set<Lent>();
  #serving = false;
  /** Items arrive in this turn, and are handed on together at its end. */
  #gathering = false;
  #look: Timer | undefined;
  #closed = false;
  taken = 0;

  constructor(source: Source<T>, name: string, grace: number) {
    this.#source = new ItemsSource(source, name, grace, this);
  }

  get left(): readonly T[] {
    return Array.from({ length: this.#held.length }, (_, i) => this.#held.at(i) as T);
  }

  get failure(): { readonly error: unknown } | undefined {
    return this.#source.failure;
  }

  join(): ItemsSeat<T> {
    return new DirectSeat<T>(this);
  }

  /** One item at once, if there is one and nobody waits for it; none if one must wait or there are no more. */
  tryTake(): Batch<T> {
    if (this.#line.first !== undefined || this.#serving || this.#closed) return [];
    touch(this);
    if (this.#held.length > 0 && !this.#gathering) return this.#count(this.#share(1));
    this.#serving = true;
    const items = this.#source.pull(1);
    this.#serving = false;
    return this.#count(items);
  }

  /** Stands in line for a batch of at most `asker.ask` items. */
  enter(asker: Asker<T>): void {
    touch(this);
    this.#line.push(asker);
    this.#serve();
  }

  /** Takes note of a batch that is elsewhere. */
  lend(lent: Lent): void {
    this.#lent.add(lent);
  }

  /** A batch elsewhere is used up, or what was called back has come, or is lost: nothing of it will come any more. */
  settle(lent: Lent): void {
    this.#lent.delete(lent);
    this.#recalled.delete(lent);
    this.#serve();
  }

  /** Takes items back that a copy has not begun; they go to whoever asks next. More of the batch may follow. */
  giveBack(items: Batch<T>, lent: Lent): void {
    touch(this);
    for (let i = items.length - 1; i >= 0; i--) this.#held.unshift(items[i] as T);
    this.taken -= items.length;
    this.#recalled.delete(lent);
    this.#serve();
  }

  /** The same, and nothing of the batch will follow. */
  giveBackLast(items: Batch<T>, lent: Lent): void {
    this.#lent.delete(lent);
    this.giveBack(items, lent);
  }

  arrived(items: Batch<T>): void {
    touch(this);
    for (const item of items) this.#held.push(item);
    if (!this.#gathering && ((this.#line.first?.ask ?? 0) as number) > 1) {
      this.#gathering = true;
      afterTurn(() => {
        this.#gathering = false;
        this.#serve();
      });
    }
    this.#serve();
    if (this.#gathering && this.#held.length < this.#wanted()) this.#source.pull(1);
  }

  #wanted(): number {
    let wanted = 0;
    for (let each = this.#line.first; each !== undefined; each = each.behind) {
      wanted += each.ask as number;
    }
    return wanted;
  }

  #serve(): void {
    if (this.#serving) return;
    this.#serving = true;
    for (let { first } = this.#line; first !== undefined; { first } = this.#line) {
      const batch = this.#next(first.ask as number);
      if (batch === undefined) break;
      // The source may have made it leave.
      if (first.queue !== this.#line) {
        for (let i = batch.length - 1; i >= 0; i--) this.#held.unshift(batch[i] as T);
        continue;
      }
      this.#line.remove(first);
      if (batch.length === 0 && this.failure !== undefined && !this.#closed) {
        first.refuse(this.failure.error);
      } else first.give(this.#count(batch));
    }
    this.#serving = false;
    if (this.#line.first !== undefined) this.#callBack();
  }

  #count(batch: Batch<T>): Batch<T> {
    this.taken += batch.length;
    return batch;
  }

  /** Items for the first in line: none at the end, undefined when it has to wait. */
  #next(most: number): Batch<T> | undefined {
    if (this.#closed) return [];
    if (this.#held.length > 0) {
      return this.#gathering && this.#held.length < most ? undefined : this.#share(most);
    }
    const items = this.#source.pull(most);
    if (items.length > 0) return items;
    if (!this.#source.ended) return undefined;
    return this.failure !== undefined || this.#lent.size === 0 ? [] : undefined;
  }

  /** What is held is divided among all who wait. */
  #share(most: number): Batch<T> {
    const fair = Math.ceil(this.#held.length / Math.max(1, this.#line.length));
    const share: T[] = [];
    for (let n = Math.min(most, fair); n > 0; n--) share.push(this.#held.shift() as T);
    return share;
  }

  /** Somebody has nothing to do: calls back what lies with others for longer than it should. */
  #callBack(): void {
    const now = kernel.clock.now();
    let due = Number.POSITIVE_INFINITY;
    for (const lent of [...this.#lent]) {
      if (this.#recalled.has(lent)) continue;
      if (now - lent.since >= OVERDUE_MS) {
        this.#recalled.add(lent);
        lent.recall();
      } else due = Math.min(due, lent.since + OVERDUE_MS);
    }
    if (this.#look !== undefined || due === Number.POSITIVE_INFINITY) return;
    this.#look = kernel.clock.at(due, () => {
      this.#look = undefined;
      if (this.#line.first !== undefined) this.#callBack();
    });
  }

  close(grace?: number): Promise<void> {
    touch(this);
    this.#closed = true;
    this.#look?.stop();
    this.#serve();
    return this.#source.close(grace);
  }
}
