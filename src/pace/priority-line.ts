/**
 * A line in which higher priorities go first, and first in, first out within one. Each priority has a line of its own, so joining and
 * leaving from the middle are O(1) however long it is; only a priority that nobody in line has costs a place in a heap.
 *
 * @module
 */
import { WouldBlock } from '../core/errors.ts';
import { Heap } from '../core/heap.ts';
import { WaitQueue } from '../core/wait-queue.ts';
import type { Ask, QueuedCall } from './queued-call.ts';

/** What happens to a call that finds the line full. */
export type LineOverflow = 'reject' | 'drop-oldest' | 'drop-newest';

interface Rank {
  readonly priority: number;
  readonly line: WaitQueue<void, Ask>;
}

/** So many empty ranks may stay in the heap before it is made anew, and never more than half of it. */
const EMPTY_RANKS = 32;

/** The calls that wait. */
export class PriorityLine {
  /** The line of priority 0, which is mostly the only one. */
  readonly #usual = new WaitQueue<void, Ask>();
  #ranks: Map<number, Rank> | undefined;
  #order: Heap<Rank> | undefined;

  /** The last one that was taken back. */
  #back: QueuedCall | undefined;

  /** How many wait. */
  length = 0;

  /** Whose turn is next. */
  get first(): QueuedCall | undefined {
    const usual = this.#usual.first as QueuedCall | undefined;
    if (this.#ranks === undefined) return usual;
    const top = this.#top();
    if (top === undefined || (usual !== undefined && top.priority < 0)) return usual;
    return top.line.first as QueuedCall;
  }

  /** The highest rank with somebody in it. */
  #top(): Rank | undefined {
    for (let top = this.#order?.first; top !== undefined; top = this.#order?.first) {
      if (top.line.first !== undefined) return top;
      this.#order?.shift();
      this.#ranks?.delete(top.priority);
    }
    this.#ranks = undefined;
    return undefined;
  }

  push(call: QueuedCall): void {
    const { priority } = call.ask;
    this.length++;
    if (priority === 0) this.#usual.push(call);
    else this.#rank(priority).line.push(call);
  }

  /** Takes back a call that was let out already: before all others of its priority, and behind those taken back before it. */
  takeBack(call: QueuedCall): void {
    const { priority } = call.ask;
    const line = priority === 0 ? this.#usual : this.#rank(priority).line;
    this.length++;
    line.insert(call, this.#back?.queue === line ? this.#back : undefined);
    this.#back = call;
  }

  /** One of those in line has left it. */
  left(): void {
    this.length--;
    if (this.length > 0) return;
    this.#ranks = undefined;
    this.#back = undefined;
  }

  #rank(priority: number): Rank {
    const found = this.#ranks?.get(priority);
    if (found !== undefined) return found;
    const size = this.#ranks?.size ?? Number.POSITIVE_INFINITY;
    if (size > EMPTY_RANKS && size > 2 * this.length) this.#sweep();
    const rank: Rank = { priority, line: new WaitQueue() };
    this.#ranks?.set(priority, rank);
    this.#order?.push(rank);
    return rank;
  }

  /** Forgets ranks that aborts have emptied: those below the first never come to the top while it is busy. */
  #sweep(): void {
    const ranks = [...(this.#ranks?.values() ?? [])].filter(({ line }) => line.length > 0);
    this.#ranks = new Map(ranks.map((rank) => [rank.priority, rank]));
    this.#order = new Heap(before);
    for (const rank of ranks) this.#order.push(rank);
  }

  /**
   * Makes room for a new call in a line that is full. Whoever loses rejects with `WouldBlock`, at the door or in line: it is one condition, and a
   * `Cancelled` would be taken for somebody's decision to stop.
   *
   * @returns why there is no room for the new one
   */
  makeRoom(overflow: LineOverflow, priority: number, label: string): WouldBlock | undefined {
    const lowest = overflow === 'reject' ? undefined : this.#lowest;
    const isOldest = overflow === 'drop-oldest';
    if (
      lowest === undefined ||
      priority < lowest.priority ||
      (!isOldest && priority === lowest.priority)
    )
      return new WouldBlock(
        `Cannot wait for ${label}: its line is full, ${this.length} wait already`,
      );
    const dropped = (isOldest ? lowest.line.first : lowest.line.last) as QueuedCall;
    dropped.withdraw(
      new WouldBlock(`Dropped from the line for ${label}: a later call has taken its place`),
    );
    return undefined;
  }

  /** The lowest priority that waits, and those who have it. */
  get #lowest(): Rank | undefined {
    let lowest: Rank | undefined;
    if (this.#usual.length > 0) lowest = { priority: 0, line: this.#usual };
    for (const rank of this.#ranks?.values() ?? []) {
      if (rank.line.length > 0 && !(lowest !== undefined && lowest.priority <= rank.priority)) {
        lowest = rank;
      }
    }
    return lowest;
  }

  /** All who wait, the next first. */
  all(): QueuedCall[] {
    const ranks: Rank[] = [{ priority: 0, line: this.#usual }, ...(this.#ranks?.values() ?? [])];
    ranks.sort((a, b) => b.priority - a.priority);
    const calls: QueuedCall[] = [];
    for (const { line } of ranks) {
      for (let each = line.first; each !== undefined; each = each.behind) {
        calls.push(each as QueuedCall);
      }
    }
    return calls;
  }
}

function before(a: Rank, b: Rank): boolean {
  return a.priority > b.priority;
}
