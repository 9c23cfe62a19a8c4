/**
 * One run of a body under a schedule. The ready list takes the place of immediate resumption: a *step* resumes one entry and then gives
 * the event loop a turn, in which all microtasks run. Between two steps the strategy chooses. When nothing is ready time jumps to
 * the next timer, and when there is none either, the run is a deadlock.
 *
 * A run that must be given up (deadlock, live-lock) is cancelled and unwound by the default schedule, so that it leaves nothing to
 * the next one.
 *
 * @module
 */
import type { Timer } from '../../core/clock.ts';
import { Deadlock } from '../../core/errors.ts';
import { kernel, type Scheduler } from '../../core/kernel.ts';
import { OpenScope } from '../../core/open-scope.ts';
import { detached } from '../../core/scopes.ts';
import { rootToken, type Token } from '../../core/token.ts';
import { taskTree } from '../../core/tree.ts';
import { nextTurn } from '../../runtime/runtime.ts';
import type { HookClaim } from '../hooks.ts';
import { turnsOfIdle } from '../idle.ts';
import type { Outside } from '../outside.ts';
import { TimerHeap } from '../virtual-clock.ts';
import { Footprints } from './footprints.ts';
import type { Choice } from './schedule-trace.ts';
import { CANCEL, Step } from './step.ts';
import { type Run, type Strategy, waysOn } from './strategy.ts';

/** What all runs of an exploration have in common. */
export interface Setting {
  readonly body: () => unknown;
  readonly cancelAnywhere: boolean;
  readonly maxSteps: number;
  readonly hooks: HookClaim;
  readonly outside: Outside;
  /** Flows that were at work before: they are not the body's. */
  readonly otherFlows: ReadonlySet<object>;
}

const NOBODY: readonly Token[] = [];
const NO_FLOWS: readonly { readonly foreign: number }[] = [];

/** Runs the body once. */
export function execute(setting: Setting, strategy: Strategy): Promise<Run> {
  return new Promise((resolve) => new Execution(setting, strategy, resolve).start());
}

class Execution implements Scheduler, Run {
  readonly steps: Step[] = [];
  readonly choices: Choice[] = [];
  failure: { readonly error: unknown } | undefined;
  outside = false;
  readonly #setting: Setting;
  readonly #strategy: Strategy;
  readonly #resolve: (run: Run) => void;
  readonly #footprints: Footprints | undefined;
  readonly #clock: TimerHeap;
  readonly #ready: Step[] = [];
  #entries = 0;
  #scope: OpenScope | undefined;
  #main: Token | undefined;
  /** A task was cancelled, which happens once in a run. */
  #cancelled = false;
  #ended = false;
  /** Nothing is ready, and whatever becomes so now has waited for that. */
  #blocked = false;
  /** Whether it is `idle` that waited. */
  #idling = false;
  /** What an earlier run may have left behind. */
  readonly #before = { foreign: kernel.foreign, outside: kernel.outside };
  /** The steps since the run was given up; they are not part of it. */
  #unwinding: number | undefined;

  constructor(setting: Setting, strategy: Strategy, resolve: (run: Run) => void) {
    this.#setting = setting;
    this.#strategy = strategy;
    this.#resolve = resolve;
    this.#footprints = strategy.footprints ? new Footprints() : undefined;
    this.#clock = new ExploredClock(() => this.touched(this.#clock));
  }

  start(): void {
    this.#setting.hooks.set({ clock: this.#clock, scheduler: this });
    const joined = detached(() => {
      this.#scope = new OpenScope({ name: 'explore' }, rootToken);
      this.#main = this.#scope.launch(this.#setting.body, 'main', false).token;
      return this.#scope.join();
    });
    joined.then(
      () => {
        this.#ended = true;
      },
      (error: unknown) => {
        this.#ended = true;
        this.failure ??= { error };
      },
    );
    this.#advance();
  }

  ready(token: Token, label: string, resume: () => void): void {
    // When the scope has left the tree, only whoever waits for this run is left.
    if (token === rootToken && this.#scope?.token.closed === true) {
      resume();
      return;
    }
    const unit = this.#footprints?.unit(token);
    const step = new Step(this.#entries++, token, label, resume, unit, this.steps.length - 1);
    step.causes = this.#blocked ? this.steps.map((_, i) => i) : this.#footprints?.causesOf(token);
    this.#ready.push(step);
  }

  touched(thing: object): void {
    this.#footprints?.touched(thing);
  }

  choose(count: number): number {
    if (count <= 1 || this.#over) return 0;
    const index = this.#strategy.choose(count, this.steps);
    this.choices.push({ kind: 'select', index, forced: false });
    return index;
  }

  /** Whether nothing that happens now belongs to the run. */
  get #over(): boolean {
    return this.#ended || this.#unwinding !== undefined;
  }

  /** Goes on after a turn of the event loop. */
  readonly #advance = (): void => {
    if (kernel.turns > turnsOfIdle()) nextTurn(this.#advance);
    else if (this.#ended && this.#ready.length === 0) this.#resolve(this);
    else this.#goOn();
  };

  #goOn(): void {
    const mixed = this.#anyForeign();
    const flowing = this.#flows().length > 0;
    // The bodies of a flow are no tasks, so their cancellations are not among those that are tried.
    if (mixed || (flowing && this.#setting.cancelAnywhere)) this.outside = true;
    this.#footprints?.look(mixed || flowing);
    const { maxSteps, outside } = this.#setting;
    if ((this.#unwinding ?? this.steps.length) >= maxSteps) {
      const what = `it took ${maxSteps} steps (maxSteps), perhaps a live-lock`;
      this.#giveUp(new Error(`Cannot end the run: ${what}\n${taskTree(this.#scope?.token)}`));
    } else if (this.#ready.length > 0) {
      this.#choose();
    } else {
      this.#blocked = true;
      this.#idling = kernel.turns > 0;
      void outside.blocked(() => this.#ready.length > 0).then(this.#afterBlock);
    }
  }

  /** Whether a body waits for what the library does not know. Those whose wait has ended, and that are only not resumed yet, do not. */
  #anyForeign(): boolean {
    const foreign = kernel.foreign - this.#before.foreign;
    if (kernel.outside > this.#before.outside) return true;
    if (foreign === 0 && kernel.flows.size === 0) return false;
    const resumable = new Set<Token>();
    let inFlows = 0;
    for (const { token } of this.#ready) {
      const { unit } = token as Token;
      if (unit.task?.token !== unit && unit !== rootToken) inFlows++;
      else if (unit.balance > 0) resumable.add(unit);
    }
    if (foreign > resumable.size) return true;
    let flowing = 0;
    for (const flow of this.#flows()) flowing += Math.max(0, flow.foreign);
    return flowing > inFlows;
  }

  #flows(): readonly { readonly foreign: number }[] {
    if (kernel.flows.size === 0) return NO_FLOWS;
    return [...kernel.flows].filter((flow) => !this.#setting.otherFlows.has(flow));
  }

  readonly #afterBlock = (blocked: boolean): void => {
    this.#blocked = false;
    if (blocked) {
      this.#choose();
      return;
    }
    // Either `idle` was given its turns, or somebody outside has called back.
    if (!this.#idling) this.outside = true;
    this.#advance();
  };

  /** Asks the strategy, where there is more than one way. */
  #choose(): void {
    const on = waysOn(this.#ready);
    const targets = this.#setting.cancelAnywhere ? this.#targets() : NOBODY;
    const ways = on + targets.length;
    if (ways === 1 || this.#over) {
      this.#step(0);
      return;
    }
    const way = this.#strategy.pick(this.#ready, targets.length, this.steps);
    if (way < on) {
      this.choices.push({ kind: 'entry', index: way, forced: on === 1 });
      this.#step(way);
    } else {
      this.choices.push({ kind: 'cancel', index: way - on, forced: false });
      this.#cancel(targets[way - on] as Token);
    }
  }

  #step(way: number): void {
    const [step] = this.#ready.splice(way, 1);
    const at = this.#clock.next;
    if (step !== undefined) {
      this.#take(step);
    } else if (at !== undefined) {
      const move = (): void => this.#clock.moveTo(at);
      this.#take(new Step(-1, undefined, `time moves to ${at} ms`, move));
    } else {
      this.#giveUp(new Deadlock(taskTree(this.#scope?.token)));
    }
  }

  #cancel(token: Token): void {
    this.#cancelled = true;
    const cancel = (): void => token.cancel('cancelled by the explorer');
    this.#take(new Step(-1, token, CANCEL, cancel));
  }

  #take(step: Step): void {
    if (this.#unwinding !== undefined) this.#unwinding++;
    else this.steps.push(step);
    this.#footprints?.begin(step, this.steps.length - 1);
    kernel.activity++;
    step.resume();
    nextTurn(this.#advance);
  }

  /** The live tasks of the body that no cancellation has reached yet, in the order of the tree. */
  #targets(): readonly Token[] {
    if (this.#cancelled || this.#scope === undefined) return NOBODY;
    const found: Token[] = [];
    const visit = (parent: Token): void => {
      for (let child = parent.firstChild; child !== undefined; child = child.nextSibling) {
        const isTask = child.task?.token === child && child !== this.#main;
        if (isTask && child.effective === undefined) found.push(child);
        visit(child);
      }
    };
    visit(this.#scope.token);
    return found;
  }

  #giveUp(error: Error): void {
    if (this.#unwinding !== undefined) {
      // Not even its cancellation ends it: what is left is never resumed.
      this.#resolve(this);
      return;
    }
    this.failure ??= { error };
    this.#unwinding = 0;
    this.#scope?.cancel(error);
    nextTurn(this.#advance);
  }
}

/** Setting a timer counts as using the clock: which of two for the same instant was first decides which fires first. */
class ExploredClock extends TimerHeap {
  readonly #used: () => void;

  constructor(used: () => void) {
    super();
    this.#used = used;
  }

  override at(at: number, fn: () => void): Timer {
    this.#used();
    return super.at(at, fn);
  }
}
