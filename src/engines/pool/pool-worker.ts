/**
 * What a pool keeps of each of its workers.
 *
 * @module
 */
import {
  type HostTimer,
  monotonicNow,
  startHostTimer,
  startQuietTimer,
  stopHostTimer,
} from '../../runtime/runtime.ts';
import type { Link } from './link.ts';
import { isToMove } from './move.ts';
import type { PoolCall } from './pool-call.ts';
import type { Route } from './route.ts';

/** How fast a worker is trusted with more calls at once: so many times what it has had. */
const GROWTH = 4;

/** Milliseconds without work, after which a worker need not keep the process alive. */
const RESTING = 5;

/** Milliseconds that a worker gets to bring out what its bodies have written: it may not hear of it, whatever it is at. */
const LONGEST_REST = 2000;

/** One worker of a pool. */
export class PoolWorker {
  readonly number: number;
  link!: Link;
  /** It takes no more calls: it is being ended, or is replaced when it has done what it has. */
  retiring = false;
  gone = false;
  /** It has loaded its entry. */
  isReady = false;
  /** It has brought a call to its end. */
  hasEnded = false;
  /** Calls that it has. */
  size = 0;
  /** Calls that it was given in its life. */
  given = 0;
  /** The call that has the worker for itself. */
  owner: PoolCall | undefined = undefined;
  /** Since when it has had nothing to do, on the monotonic clock. */
  idleSince: number | undefined = undefined;
  /** The function of the calls that it has, or of the last of them. */
  #route: Route | undefined = undefined;
  /** How many calls it may have at once; no more than `#limit`, which grows again as calls end, after some of them went elsewhere. */
  #depth = 1;
  #limit = Number.POSITIVE_INFINITY;
  #busySeen = 0;
  /** Whether it keeps the process alive no longer, or soon will not. */
  #isQuiet = false;
  #isResting = false;
  #resting: HostTimer | undefined;
  #ended = 0;

  constructor(number: number) {
    this.number = number;
  }

  /** Whether it may get calls that any worker may get. */
  get isFree(): boolean {
    return this.owner === undefined && !this.retiring;
  }

  /**
   * Whether it may take a call now: one of a function that is new or slow only when it has nothing else. The same for one that moves
   * something, because it could not go to another worker any more.
   */
  canTake({ route, args, call }: PoolCall): boolean {
    if (this.size === 0) return true;
    if (this.link.moves && isToMove(args, call.transfer)) return false;
    const depth = route === this.#route ? this.#depth : Math.min(this.#depth, route.depth);
    return this.size < Math.min(depth, this.#limit);
  }

  /** Whether there is room for so many that sending them pays. */
  get isHungry(): boolean {
    const depth = Math.min(this.#depth, this.#limit);
    return this.isReady && this.size <= depth >> 1 && this.link.room > 0;
  }

  /** The function that it was given last; empty for one without a name, undefined where there was none. */
  get lastName(): string | undefined {
    return this.#route?.name;
  }

  /** How many calls it has had, and has no more. */
  get passed(): number {
    return this.given - this.size;
  }

  took(call: PoolCall): void {
    if (this.size === 0) this.#limit = Number.POSITIVE_INFINITY;
    if (call.route !== this.#route) {
      const depth = call.route.depth;
      this.#depth = this.size === 0 ? depth : Math.min(this.#depth, depth);
      this.#route = call.route;
    }
    this.size++;
    this.given++;
    call.worker = this;
  }

  /** It has work: the process must stay alive for it. */
  wake(): void {
    this.idleSince = undefined;
    if (this.#isQuiet) this.link.ref();
    this.#isQuiet = false;
  }

  /**
   * It has nothing to do. What its bodies have written to the console may still be on its way, and more calls may come: it is looked at
   * again after a moment, in which the process stays alive.
   */
  rest(): void {
    this.idleSince = monotonicNow();
    if (this.#isResting || this.#isQuiet) return;
    this.#isResting = true;
    this.#restLater(RESTING);
  }

  #restLater(wait: number): void {
    startHostTimer(() => {
      const idle = this.#isIdle ? monotonicNow() - (this.idleSince as number) : 0;
      if (this.retiring || this.gone) return;
      if (idle >= RESTING) this.#bringOut();
      else if (this.#isIdle) this.#restLater(RESTING - idle);
      else this.#isResting = false;
    }, wait);
  }

  #bringOut(): void {
    this.#resting = startQuietTimer(() => this.rested(), LONGEST_REST);
    this.link.rest();
  }

  /** Nothing is on its way, or the worker does not say so: the process may end. */
  rested(): void {
    if (this.#resting !== undefined) stopHostTimer(this.#resting);
    this.#isResting = false;
    if (!this.#isIdle) return;
    this.#isQuiet = true;
    this.link.unref();
  }

  get #isIdle(): boolean {
    return this.idleSince !== undefined && !this.retiring && !this.gone;
  }

  /** What it has not started went elsewhere: it gets nothing until some of what it has has ended. */
  shrink(): void {
    this.#limit = Math.max(1, this.size);
  }

  /** Lets it hold what was taken from another. */
  deepen(count: number): void {
    this.#depth = Math.max(this.#depth, count);
  }

  lost(): void {
    this.size--;
  }

  /** A body has ended. */
  ended(): void {
    this.size--;
    this.hasEnded = true;
    this.#ended++;
  }

  /** Learns from the bodies that have ended since the last time. */
  learn(): void {
    const route = this.#route;
    if (this.#ended === 0 || route === undefined) return;
    const { busy } = this.link;
    // Ends may be seen before the worker has told how long they took.
    if (busy === this.#busySeen) return;
    route.took(busy - this.#busySeen, this.#ended);
    this.#busySeen = busy;
    this.#ended = 0;
    this.#depth = Math.min(route.depth, this.#depth * GROWTH);
    this.#limit *= GROWTH;
  }
}
