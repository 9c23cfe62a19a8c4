/**
 * Nothing is abandoned silently, unless it was asked for: work that a cancellation should have ended gets a time of grace, then it is
 * reported with its age and what it waits for, and left behind. Scopes and flows use this one watch.
 *
 * @module
 */
import type { Timer } from './clock.ts';
import { type StuckTask, StuckTasks } from './errors.ts';
import { kernel, now } from './kernel.ts';
import type { Token } from './token.ts';

/** What work gets to stop in, where nothing else is said: five seconds. */
export const DEFAULT_GRACE = 5000;

/** The soonest that a grace of 0 looks again at others who are given time. */
export const AGAIN_MS = 1;

/** In place of the watch of a token whose scope runs its clean-ups: whoever watches from further out waits for those. */
export const CLEANING: { readonly waiting: true } = { waiting: true };

/** Names what is at work in a token besides what is alive below it. */
export type NamesAtWork = (below: readonly StuckTask[]) => readonly string[];

/** Watches one token from its cancellation on. */
export class GraceWatch {
  readonly #token: Token;
  readonly #grace: number | 'abandon';
  readonly #over: (stuck: StuckTasks) => void;
  readonly #names: NamesAtWork | undefined;
  #timer: Timer | undefined;
  /** It has something to report, sooner or later: also where its grace is endless. */
  #begun = false;

  /**
   * @param grace milliseconds; `abandon`: none, also for those below that have one
   * @param over called once, when the grace is over and something is alive, with what that is
   * @param names what is at work in this token besides what is below it. Default: the token itself, if there is nothing below
   */
  constructor(
    token: Token,
    grace: number | 'abandon',
    over: (stuck: StuckTasks) => void,
    names?: NamesAtWork,
  ) {
    this.#token = token;
    this.#grace = grace;
    this.#over = over;
    this.#names = names;
    token.watch = this;
    if (token.effective !== undefined) this.start();
  }

  /** Cancelled, and still within its grace. */
  get waiting(): boolean {
    return this.#timer !== undefined;
  }

  start(): void {
    this.#begun = true;
    if (this.#timer !== undefined || this.#grace === Number.POSITIVE_INFINITY) return;
    this.#timer = kernel.clock.at(now() + (this.#grace === 'abandon' ? 0 : this.#grace), this.#due);
  }

  readonly #due = (): void => {
    this.#timer = undefined;
    if (this.#grace !== 'abandon' && someoneBelowWaits(this.#token)) {
      // Who is stuck deeper down is reported there, at the same instant, and clean-ups take their time; this scope then ends by itself.
      this.#timer = kernel.clock.at(now() + Math.max(this.#grace, AGAIN_MS), this.#due);
    } else this.#end();
  };

  #end(): void {
    const grace = this.#grace === 'abandon' ? 0 : this.#grace;
    this.#over(new StuckTasks(stuckIn(this.#token, this.#names), grace));
  }

  stop(): void {
    this.#begun = false;
    this.#timer?.stop();
    this.#timer = undefined;
  }

  /** Lets the process end although the grace is not over: nothing but this timer keeps it alive. */
  quiet(): void {
    this.#timer?.unref?.();
  }

  /** Ends the grace before its time: reports now. False where there is nothing to report. */
  giveUp(): boolean {
    if (!this.#begun) return false;
    this.stop();
    this.#end();
    return true;
  }
}

/** What is alive in a token: what is below it, and what is at work in it besides. */
export function stuckIn(token: Token, names: NamesAtWork = itself(token)): StuckTask[] {
  const stuck = stuckBelow(token);
  for (const name of names(stuck)) stuck.push(stuckTask(token, name));
  return stuck;
}

/** A token is alive itself where nothing is below it. */
function itself({ name }: Token): NamesAtWork {
  return (below) => (below.length > 0 ? [] : [name]);
}

/** Whether something below a token is given time of its own: a clean-up, or what a deeper watch waits for. */
export function someoneBelowWaits(token: Token): boolean {
  for (let child = token.firstChild; child !== undefined; child = child.nextSibling) {
    if (child.watch?.waiting === true || someoneBelowWaits(child)) return true;
  }
  return false;
}

/** What is alive below a token and has nothing alive below itself. */
function stuckBelow(token: Token, stuck: StuckTask[] = []): StuckTask[] {
  for (let child = token.firstChild; child !== undefined; child = child.nextSibling) {
    const count = stuck.length;
    stuckBelow(child, stuck);
    if (stuck.length === count) stuck.push(stuckTask(child, child.name));
  }
  return stuck;
}

function stuckTask(token: Token, name: string): StuckTask {
  return { name, age: now() - token.started, waitingFor: waitsOf(token) };
}

/** The labels of the waits that hang on a token. */
export function waitsOf(token: Token): string[] {
  const labels: string[] = [];
  for (let wait = token.firstWait; wait !== undefined; wait = wait.next) labels.push(wait.shown);
  return labels;
}
