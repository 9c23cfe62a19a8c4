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
const AGAIN_MS = 1;

/** In place of the watch of a token whose scope runs its clean-ups: whoever watches from further out waits for those. */
export const CLEANING: { readonly waiting: true } = { waiting: true };

/** Watches one token from its cancellation on. */
export class GraceWatch {
  readonly #token: Token;
  readonly #grace: number | 'abandon';
  readonly #over: (stuck: StuckTasks | undefined) => void;
  readonly #names: (() => readonly string[]) | undefined;
  #timer: Timer | undefined;
  /** It has something to report, sooner or later: also where its grace is endless. */
  #begun = false;

  /**
   * @param grace milliseconds; `abandon`: none, and nobody is told
   * @param over called once, when the grace is over and something is alive, with what is to be reported
   * @param names what is at work in this token when nothing below it is
   */
  constructor(
    token: Token,
    grace: number | 'abandon',
    over: (stuck: StuckTasks | undefined) => void,
    names?: () => readonly string[],
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
    this.#over(this.#grace === 'abandon' ? undefined : new StuckTasks(this.#stuck(), this.#grace));
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

  #stuck(): StuckTask[] {
    return stuckIn(this.#token, this.#names?.());
  }
}

/** What is alive in a token, or by these names at work in it where nothing is alive below. */
export function stuckIn(token: Token, names: readonly string[] = [token.name]): StuckTask[] {
  const below = stuckBelow(token);
  return below.length > 0 ? below : names.map((name) => stuckTask(token, name));
}

function someoneBelowWaits(token: Token): boolean {
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
