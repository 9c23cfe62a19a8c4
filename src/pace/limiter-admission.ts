/**
 * The admission of a limiter, and those who wait for the limiter itself, not for a turn at it: until it is idle, until it has room, and calls
 * that wait for their next attempt. Between two attempts a call is without a place at work, and reached by `clear`.
 *
 * @module
 */
import { bounded, refuseLate, type WaitBounds } from '../core/bounds.ts';
import { Cancelled } from '../core/errors.ts';
import { afterTurn, kernel, touch } from '../core/kernel.ts';
import { currentToken, type Token } from '../core/token.ts';
import { Join, Wait } from '../core/wait.ts';
import { WaitQueue } from '../core/wait-queue.ts';
import { keepShape } from '../runtime/keep-shape.ts';
import { Admission, type AdmissionRules } from './admission.ts';

/** The engine of a limiter. */
export class LimiterAdmission extends Admission {
  readonly #idle = new WaitQueue<void>();
  readonly #ready = new WaitQueue<void>();
  readonly #resting = new WaitQueue<void>();
  /** Calls that may be repeated, from the call to the end of the last attempt. */
  #series = 0;
  #looking = false;
  /** Of calls at work that have one of their own: those with a signal or a time limit. */
  readonly #tokens = new Set<Token>();

  /** Calls that wait for their turn, or for their next attempt. */
  get waiting(): number {
    touch(this);
    return this.length + this.#resting.length;
  }

  /** Runs what may enter several times: until it has ended, the limiter is not idle. */
  async series<R>(body: () => Promise<R>): Promise<R> {
    this.#series++;
    try {
      return await body();
    } finally {
      this.#series--;
      touch(this);
      this.changed();
    }
  }

  /** Waits for the next attempt of a series, or until the call is withdrawn. */
  rest(ms: number): Promise<void> {
    touch(this);
    const wait = new Wait<void>(`another attempt at ${this.label}`);
    if (this.closed && !wait.settled) wait.withdraw(this.gone());
    if (wait.settled) return wait.promise;
    const timer = kernel.clock.at(kernel.clock.now() + ms, () => {
      this.#resting.remove(wait);
      wait.ok();
    });
    wait.undo = () => timer.stop();
    this.#resting.push(wait);
    return wait.promise;
  }

  /** Turns away all who wait, and gives how many it were. */
  clear(reason: unknown): number {
    touch(this);
    const asker = currentToken().task?.name;
    const cancelled = Cancelled.create(reason ?? 'the line was cleared', this.label, asker);
    const resting = [...this.#resting] as Wait<void>[];
    for (const wait of resting) wait.withdraw(cancelled);
    return resting.length + this.withdrawAll(() => cancelled);
  }

  /** Takes no more calls, and turns away those who wait. */
  close(): void {
    this.closed = true;
    this.clear('it was closed');
    this.#ready.refuseAll(this.gone());
  }

  /** Waits until nobody is at work and nobody waits. */
  async idle(bounds?: WaitBounds): Promise<void> {
    this.refuseInside(`idle of ${this.label}`);
    return this.#watch(this.#idle, new Wait(`idle of ${this.label}`), bounds);
  }

  /** The same for whoever must not leave before, also when cancelled. */
  ended(): Promise<void> {
    return this.#watch(this.#idle, new Join(`end of ${this.label}`), undefined);
  }

  /** Waits until a call would be welcome. */
  ready(bounds?: WaitBounds): Promise<void> {
    const wait = new Wait<void>(`room at ${this.label}`);
    if (this.closed && !wait.settled) wait.withdraw(this.gone());
    return this.#watch(this.#ready, wait, bounds);
  }

  #watch(queue: WaitQueue<void>, wait: Wait<void>, bounds: WaitBounds | undefined): Promise<void> {
    touch(this);
    refuseLate(wait, bounds);
    if (!wait.settled) {
      this.isWatched = true;
      wait.undo = () => touch(this);
      queue.push(wait);
      this.changed();
    }
    return bounded(wait, bounds);
  }

  override changed(): void {
    if (this.#idle.length > 0 && this.#isIdle) this.#idle.giveAll();
    if (this.#ready.length === 0 || !this.hasRoom) return;
    // One a place: whoever is woken may take it. If nobody did, the others are looked at a turn later.
    this.#ready.shift()?.give();
    if (this.#looking || this.#ready.length === 0) return;
    this.#looking = true;
    afterTurn(() => {
      this.#looking = false;
      this.changed();
    });
  }

  get #isIdle(): boolean {
    return this.active + this.length + this.#series === 0;
  }

  /** Runs what belongs to a call, and nothing else, in the token in force. */
  async inside<R>(body: () => Promise<R>): Promise<R> {
    const token = currentToken();
    this.#tokens.add(token);
    try {
      return await body();
    } finally {
      this.#tokens.delete(token);
    }
  }

  /**
   * Refuses a wait for all calls inside one of them. It is known of the synchronous part of a function, and of all of a call that has a token of its own.
   * To know it of every call would take a frame for each, which costs more than the call: there `run` and `virtual` report the standstill.
   *
   * @param what would be waited for
   * @throws TypeError
   */
  refuseInside(what: string): void {
    let token: Token | undefined = currentToken();
    while (token !== undefined && !this.#tokens.has(token)) token = token.parent;
    if (this.calling === 0 && token === undefined) return;
    throw new TypeError(
      `Cannot wait for ${what} from inside one of its calls: it would wait for itself`,
    );
  }
}

const shape = { label: '', concurrency: 1, maxWaiting: 1, overflow: 'reject', gate: undefined };
keepShape(new LimiterAdmission(shape as AdmissionRules));
