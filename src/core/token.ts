/**
 * The tree of cancellation. A token belongs to a scope, a task or a flow; waits hang on it in an intrusive list, so adding and
 * removing one is O(1) and allocates nothing. A tree of AbortControllers would cost two to five times as much and remove its
 * listeners in O(n); a real `AbortSignal` is made only when somebody reads `signal`.
 *
 * Cancellation is a level, not an event: `effective` stays set, and whoever waits later is told too.
 *
 * @module
 */
import { type CapturedContext, contextVariable } from '../runtime/context.ts';
import { type Asking, Cancelled } from './errors.ts';
import { kernel, touch } from './kernel.ts';
import type { Scope } from './scope.ts';
import type { RunningTask } from './task.ts';

/** One value of one TaskLocal, and those bound before it. */
export interface Binding {
  readonly key: object;
  readonly value: unknown;
  readonly outer: Binding | undefined;
}

/** What is ambient at a point of the program: whose cancellation counts, and the task locals. */
export interface Frame {
  readonly token: Token;
  readonly bindings: Binding | undefined;
}

/** A wait as its token sees it. */
export interface Pending {
  previous: Pending | undefined;
  next: Pending | undefined;
  /** What is waited for, for people. */
  readonly shown: string;
  /** Ends the wait, if it is one that observes cancellation and has not been settled. */
  cancel(cancelled: Cancelled): void;
}

const ambient = contextVariable<Frame>();
let lastId = 0;

/** A node of the cancellation tree. */
export class Token implements Frame {
  readonly id: number = ++lastId;
  readonly name: string;
  readonly token: Token = this;
  readonly bindings: Binding | undefined;
  /** The token around this one; undefined for the root alone. */
  parent: Token | undefined;
  /** What this token was made for; a token without a scope of its own has its parent's. */
  scope: Scope;
  task: RunningTask<unknown> | undefined;
  /** The token whose bodies the waits below are counted against: that of the nearest task or flow. */
  readonly unit: Token;
  readonly shielded: boolean;
  /** On the clock in force. */
  readonly started: number;
  /** The cancellation that started here. */
  own: Cancelled | undefined;
  /** The cancellation that holds here, wherever it started. */
  effective: Cancelled | undefined;
  deadline: number = Number.POSITIVE_INFINITY;
  closed = false;
  firstChild: Token | undefined;
  lastChild: Token | undefined;
  nextSibling: Token | undefined;
  previousSibling: Token | undefined;
  firstWait: Pending | undefined;
  lastWait: Pending | undefined;
  /** Called when a cancellation takes hold here, after the waits have been told. */
  onCancel: ((cancelled: Cancelled) => void) | undefined;
  /** Watches what a cancellation leaves alive, where this token belongs to a scope or flow. */
  watch: { readonly waiting: boolean } | undefined;
  /** Where the draws of its selects have got to. */
  selections = 0;
  /** Rejections delivered to a unit that goes on waiting all the same; see `Wait`. */
  deliveries = 0;
  #controller: AbortController | undefined;
  /** Bodies at work minus waits pending; those of a flow are not among the bodies. */
  balance = 0;

  constructor(name: string, parent: Token | undefined, kind: 'unit' | 'part', shielded = false) {
    this.name = name;
    this.parent = parent;
    this.shielded = shielded;
    this.started = kernel.clock.now();
    this.scope = parent?.scope as Scope;
    this.task = parent?.task;
    this.unit = kind === 'unit' || parent === undefined ? this : parent.unit;
    this.bindings = ambient.get()?.bindings;
    if (parent !== undefined) this.#link(parent);
  }

  #link(parent: Token): void {
    this.parent = parent;
    this.previousSibling = parent.lastChild;
    if (parent.lastChild === undefined) parent.firstChild = this;
    else parent.lastChild.nextSibling = this;
    parent.lastChild = this;
    if (!this.shielded && parent.effective !== undefined) this.effective ??= parent.effective;
  }

  #unlink(): void {
    const parent = this.parent;
    if (parent === undefined) return;
    if (this.previousSibling === undefined) parent.firstChild = this.nextSibling;
    else this.previousSibling.nextSibling = this.nextSibling;
    if (this.nextSibling === undefined) parent.lastChild = this.previousSibling;
    else this.nextSibling.previousSibling = this.previousSibling;
    this.previousSibling = undefined;
    this.nextSibling = undefined;
  }

  /** Leaves the tree. What is still alive below (a flow that nobody finished) moves up to the parent. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.onCancel = undefined;
    this.#unlink();
    const heir = this.parent?.open();
    while (heir !== undefined && this.firstChild !== undefined) {
      const child = this.firstChild;
      child.#unlink();
      child.#link(heir);
    }
  }

  /** Takes what is alive below it out of the tree that its scope belongs to: it is left behind, and nobody waits for it there. */
  castOff(): void {
    while (this.firstChild !== undefined) {
      const child = this.firstChild;
      child.#unlink();
      child.#link(rootToken);
    }
  }

  /** This token, or the nearest one above that has not closed normally. A cancelled one stays in force after its end. */
  open(): Token {
    let token: Token = this;
    while (token.closed && token.effective === undefined && token.parent !== undefined) {
      token = token.parent;
    }
    return token;
  }

  /** The signal of this token, made on first use. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.effective !== undefined) this.#controller.abort(this.effective);
    }
    return this.#controller.signal;
  }

  /** Those directly below it, as they are now. */
  children(): Token[] {
    const children: Token[] = [];
    for (let child = this.firstChild; child !== undefined; child = child.nextSibling) {
      children.push(child);
    }
    return children;
  }

  /** Whether a signal is the one of this token. */
  hasSignal(signal: AbortSignal): boolean {
    return this.#controller?.signal === signal;
  }

  /** Whether nothing has ever waited on this token, looked at its signal or been started below it. */
  get isUntouched(): boolean {
    const isBare = this.firstChild === undefined && this.firstWait === undefined;
    return isBare && this.#controller === undefined && this.own === undefined;
  }

  /**
   * Cancels this token and all below that are not shielded; the first reason stays.
   *
   * @param requestedBy the task that asked for it, if it was one
   * @param asked the function by which a user asks for it now
   */
  cancel(reason: unknown, requestedBy?: string, asked?: Asking): void {
    if (this.own !== undefined || this.closed) return;
    touch(this);
    this.own = Cancelled.create(reason, this.name, requestedBy, asked);
    if (this.effective === undefined) this.#deliver(this.own);
  }

  /** First marks the whole tree, then tells it: what is told may start waits and tasks of its own. */
  #deliver(cancelled: Cancelled): void {
    const reached: Token[] = [];
    this.effective = cancelled;
    for (let i = -1; i < reached.length; i++) {
      const token: Token = i < 0 ? this : (reached[i] as Token);
      for (let child = token.firstChild; child !== undefined; child = child.nextSibling) {
        if (child.shielded || child.effective !== undefined) continue;
        child.effective = cancelled;
        reached.push(child);
      }
    }
    this.#tell(cancelled);
    for (const token of reached) token.#tell(cancelled);
  }

  #tell(cancelled: Cancelled): void {
    const waits: Pending[] = [];
    for (let wait = this.firstWait; wait !== undefined; wait = wait.next) waits.push(wait);
    for (const wait of waits) wait.cancel(cancelled);
    this.#controller?.abort(cancelled);
    this.onCancel?.(cancelled);
  }

  /** The earliest deadline that can reach this token; -Infinity once it is cancelled. */
  effectiveDeadline(): number {
    if (this.effective !== undefined) return Number.NEGATIVE_INFINITY;
    let earliest = this.deadline;
    for (let token: Token = this; !token.shielded && token.parent !== undefined; ) {
      token = token.parent;
      earliest = Math.min(earliest, token.deadline);
    }
    return earliest;
  }

  /** Whether `token` is this one or lies below it. */
  encloses(token: Token): boolean {
    for (let each: Token | undefined = token; each !== undefined; each = each.parent) {
      if (each === this) return true;
    }
    return false;
  }

  add(wait: Pending): void {
    wait.previous = this.lastWait;
    if (this.lastWait === undefined) this.firstWait = wait;
    else this.lastWait.next = wait;
    this.lastWait = wait;
  }

  remove(wait: Pending): void {
    if (wait.previous === undefined) this.firstWait = wait.next;
    else wait.previous.next = wait.next;
    if (wait.next === undefined) this.lastWait = wait.previous;
    else wait.next.previous = wait.previous;
    wait.previous = undefined;
    wait.next = undefined;
  }

  /** The token on which rejections are counted: that of the task, or where there is none that of the outermost scope. */
  counter(): Token {
    let token: Token = this.unit;
    if (token !== rootToken) return token;
    for (token = this; token.parent !== undefined && token.parent !== rootToken; ) {
      token = token.parent;
    }
    return token;
  }

  /** Counts a body that starts, or a wait that ends: somebody here may be at work. */
  unblock(): void {
    if (++this.balance > 0) kernel.foreign++;
  }

  /** Counts a body that ends, or a wait that begins. */
  block(): void {
    if (this.balance-- > 0) kernel.foreign--;
  }

  run<R>(fn: () => R): R {
    return ambient.run(this, fn);
  }
}

/** The root of all tokens: it retains nothing and is never cancelled. */
export const rootToken: Token = new Token('root', undefined, 'unit');

/** The frame in force. */
export function currentFrame(): Frame {
  return ambient.get() ?? rootToken;
}

/** The token in force: the one of the nearest scope, task or flow that has not closed normally. */
export function currentToken(): Token {
  return tokenOf(currentFrame());
}

/** The token in force in a frame. */
export function tokenOf(frame: Frame): Token {
  const token = frame.token;
  return token.closed ? token.open() : token;
}

/** Runs `fn` in a frame. */
export function inFrame<R>(frame: Frame, fn: () => R): R {
  return ambient.run(frame, fn);
}

/** Captures the ambient values in force, to re-enter them from a timer or from somebody else's call. */
export function captureContext(): CapturedContext {
  return new Captured();
}

/** The ambient values in force when it is made: the class behind `captureContext`, for what is one itself. */
export const Captured: new () => CapturedContext = ambient.Captured;
