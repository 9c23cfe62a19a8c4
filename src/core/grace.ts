/**
 * Nothing is abandoned silently: work that a cancellation should have ended gets a time of grace, then it is reported with its
 * age and what it waits for, and left behind. Scopes and flows use this one watch.
 *
 * @module
 */
import type { Timer } from './clock.ts';
import { type StuckTask, StuckTasks } from './errors.ts';
import { kernel, now } from './kernel.ts';
import type { Token } from './token.ts';

/** What work gets to stop in, where nothing else is said: five seconds. */
export const DEFAULT_GRACE = 5000;

/** Watches one token from its cancellation on. */
export class GraceWatch {
  readonly #token: Token;
  readonly #grace: number;
  readonly #report: (stuck: StuckTasks) => void;
  readonly #names: ((below: readonly StuckTask[]) => readonly string[]) | undefined;
  #timer: Timer | undefined;

  /**
   * @param report called once, when the grace is over
   * @param names what is at work in this token besides what is below it. Default: the token itself, if there is nothing below
   */
  constructor(
    token: Token,
    grace: number,
    report: (stuck: StuckTasks) => void,
    names?: (below: readonly StuckTask[]) => readonly string[],
  ) {
    this.#token = token;
    this.#grace = grace;
    this.#report = report;
    this.#names = names;
    token.watch = this;
    if (token.effective !== undefined) this.start();
  }

  /** Cancelled, and still within its grace. */
  get waiting(): boolean {
    return this.#timer !== undefined;
  }

  start(): void {
    if (this.#timer !== undefined || this.#grace === Number.POSITIVE_INFINITY) return;
    this.#timer = kernel.clock.at(now() + this.#grace, () => {
      this.#timer = undefined;
      // Who is stuck deeper down is reported there, at the same instant; this scope then ends by itself.
      if (someoneBelowWaits(this.#token)) this.start();
      else this.#report(new StuckTasks(this.#stuck(), this.#grace));
    });
  }

  stop(): void {
    this.#timer?.stop();
    this.#timer = undefined;
  }

  #stuck(): StuckTask[] {
    const below = stuckBelow(this.#token);
    const names = this.#names?.(below) ?? (below.length > 0 ? [] : [this.#token.name]);
    return [...below, ...names.map((name) => stuckTask(this.#token, name))];
  }
}

function someoneBelowWaits(token: Token): boolean {
  for (let child = token.firstChild; child !== undefined; child = child.nextSibling) {
    if (child.watch?.waiting === true || someoneBelowWaits(child)) return true;
  }
  return false;
}

/** What is alive below a token and has nothing alive below itself. */
function stuckBelow(token: Token): StuckTask[] {
  const stuck: StuckTask[] = [];
  for (let child = token.firstChild; child !== undefined; child = child.nextSibling) {
    const below = stuckBelow(child);
    stuck.push(...(below.length > 0 ? below : [stuckTask(child, child.name)]));
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
