/**
 * The worker's side of a pool: keeps the functions that it has been sent, and runs one body at a time, each in a scope of its own, so
 * that cancellation, waits and tasks in a worker are what they are anywhere else.
 *
 * @module
 */
import { isThenable } from '../../core/arguments.ts';
import { CallContext } from '../../core/context.ts';
import { Cancelled, isCancelled } from '../../core/errors.ts';
import { functionName } from '../../core/function-name.ts';
import { now } from '../../core/kernel.ts';
import type { OpenScope } from '../../core/open-scope.ts';
import { captureContext, currentFrame } from '../../core/token.ts';
import { keepsCaptured } from '../../runtime/context.ts';
import { nextTurn } from '../../runtime/runtime.ts';
import { decodeThrown, type EncodedThrown, encodeThrown } from '../../shipping/error-codec.ts';
import { load } from '../../shipping/load.ts';
import type { AnyFunction, Shipment } from '../../shipping/shipment.ts';
import type { Borrower } from '../shared/borrower.ts';
import { unpack } from '../shared/pack.ts';
import { BodyScope, type Home, renew } from './home.ts';
import { HostLines } from './host-line.ts';
import type { Order } from './order.ts';
import type { Functions } from './sent-functions.ts';

/** What a host says of the calls it was given. */
export interface HostEvents {
  /** A body that did not end in its own turn has ended. */
  ended(seq: number, isValue: boolean, value: unknown): void;
  /** The function of a call has to be loaded before its body can start, which takes time that is not the body's. */
  loading(seq: number): void;
  loaded(seq: number): void;
  /** A body starts. Gives the milliseconds that it may take; undefined: no time-out. */
  starting(seq: number): number | undefined;
  /** Sends on the line of a call. */
  tell(seq: number, messages: readonly unknown[], transfer: readonly unknown[] | undefined): void;
}

/** A body's end: `PENDING` while it is at work. */
export const PENDING: unique symbol = Symbol('pending');

/** What a body threw, encoded. */
export class Thrown {
  readonly encoded: EncodedThrown;

  constructor(error: unknown) {
    this.encoded = encodeThrown(error);
  }
}

type Sharing = typeof import('./sharing.ts');

/** Loaded with the first call that shares something. */
let sharing: Sharing | undefined;

async function loadSharing(): Promise<void> {
  sharing = await import('./sharing.ts');
}

/** A function that has not been loaded yet is waited for, and then called. */
type Known = AnyFunction | Promise<AnyFunction>;

// A body may replace those of functions.
const { apply } = Reflect;

/** So many homes are kept. */
const MOST_HOMES = 64;

/** Runs bodies. */
export class Host {
  readonly #events: HostEvents;
  /** Those that have been called, and of the others how they are made. */
  readonly #functions = new Map<number, Known>();
  readonly #shipments = new Map<number, Shipment>();
  /** Homes by the route of their function, and the one at work or used last. */
  readonly #homes = new Map<number, Home>();
  #home: Home = { route: -1, scope: undefined, inside: undefined, isLong: false };
  readonly #keepsInside = keepsCaptured();
  /** The call at work, its function, its scope once its body has started, and why it is to stop. */
  #seq: number | undefined;
  #route = -1;
  #isTurnAwaited = false;
  #current: OpenScope | undefined;
  #stopped: { readonly reason: unknown } | undefined;
  readonly #lines = new HostLines();
  #borrower: Borrower | undefined;
  #fn: AnyFunction = none;
  #values: unknown[] = [];

  constructor(events: HostEvents) {
    this.#events = events;
  }

  /** Whether a body is at work, or its function is being loaded. */
  get isRunning(): boolean {
    return this.#seq !== undefined;
  }

  /** Whether something was shared with the call that ended last, or is at work. */
  get hadLine(): boolean {
    return this.#lines.hadLine;
  }

  /**
   * Of which function the body was that began what fails now, if that body is not the one at work; undefined where it may be, or nobody can
   * tell.
   */
  get lateBody(): string | undefined {
    for (let token = currentFrame().token; token.parent !== undefined; token = token.parent) {
      const { scope } = token;
      if (scope instanceof BodyScope) return scope === this.#current ? undefined : scope.title;
    }
    return undefined;
  }

  /** The name of a function; empty where it has none. */
  nameOf(route: number): string {
    const fn = this.#functions.get(route);
    return typeof fn === 'function' ? functionName(fn) : '';
  }

  /** Runs a call with one argument, or none, of a function that is known here. `values` has a place for the context at its end. */
  runPlain(seq: number, route: number, values: unknown[], index: number, attempt: number): unknown {
    this.#seq = seq;
    this.#route = route;
    this.#lines.begin(seq);
    const fn = this.#functionOf(route);
    if (typeof fn === 'function') return this.#invoke(fn, values, index, attempt, undefined);
    return this.#whenLoaded(fn, (loaded) =>
      this.#invoke(loaded, values, index, attempt, undefined),
    );
  }

  /** Runs a call that came by message. */
  run(
    seq: number,
    route: number,
    order: Order | readonly unknown[],
    index: number,
    attempt: number,
  ): unknown {
    if (Array.isArray(order)) {
      // Not by `push`, which a body may have replaced.
      (order as unknown[])[order.length] = undefined;
      return this.runPlain(seq, route, order as unknown[], index, attempt);
    }
    const { values, holes, fields } = order as Order;
    this.#seq = seq;
    this.#route = route;
    if (holes !== undefined && sharing === undefined) {
      return this.#whenLoaded(loadSharing(), () => this.run(seq, route, order, index, attempt));
    }
    this.#lines.begin(seq);
    let all = values as unknown[];
    if (holes !== undefined) {
      const line = this.#lines.open((messages, transfer) =>
        this.#events.tell(seq, messages, transfer),
      );
      const { Borrower } = sharing as Sharing;
      const borrower = new Borrower(line, (order as Order).name);
      this.#borrower = borrower;
      all = unpack({ values, holes }, () => borrower) as unknown[];
      this.#lines.begun();
    }
    let extras: Record<string, unknown> | undefined;
    if (fields.length > 0) {
      const extra = all.splice(all.length - fields.length);
      extras = Object.fromEntries(fields.map((field, at) => [field, extra[at]]));
    }
    all[all.length] = undefined;
    const fn = this.#functionOf(route);
    const invoke = (loaded: AnyFunction): unknown => {
      // The steps of a generator are shared.
      const body = holes === undefined ? loaded : (sharing as Sharing).bodyOf(loaded, extras);
      return this.#invoke(body, all, index, attempt, extras);
    };
    return typeof fn === 'function' ? invoke(fn) : this.#whenLoaded(fn, invoke);
  }

  /** Keeps how functions are made, at once: the call that brought one may have been taken back. Each is made when it is first called. */
  learn(functions: Functions): void {
    for (let i = 0; i < functions.length; i += 2) {
      const route = functions[i] as number;
      const shipment = functions[i + 1] as Shipment | undefined;
      if (shipment !== undefined) this.#shipments.set(route, shipment);
      else this.#forget(route);
    }
  }

  #forget(route: number): void {
    this.#shipments.delete(route);
    this.#functions.delete(route);
    const home = this.#homes.get(route);
    if (home === undefined) return;
    this.#homes.delete(route);
    this.#leave(home);
  }

  /** Whether a function has come and was not called yet. */
  isNew(route: number): boolean {
    return this.#shipments.has(route);
  }

  /** Whether it has been told how a function is made. */
  knows(route: number): boolean {
    return this.#shipments.has(route) || this.#functions.has(route);
  }

  #functionOf(route: number): Known {
    const known = this.#functions.get(route);
    if (known !== undefined) return known;
    const shipment = this.#shipments.get(route);
    if (shipment === undefined) throw new Error('a body has broken what this worker needs');
    let fn: Known;
    try {
      fn = load(shipment);
    } catch (error) {
      fn = Promise.reject(error);
    }
    this.#shipments.delete(route);
    this.#functions.set(route, fn);
    if (fn instanceof Promise) {
      fn.then(
        (loaded) => this.#functions.set(route, loaded),
        () => undefined,
      );
    }
    return fn;
  }

  #whenLoaded<T>(loading: Promise<T>, invoke: (loaded: T) => unknown): unknown {
    const seq = this.#seq as number;
    this.#events.loading(seq);
    loading.then(
      (loaded) => {
        this.#events.loaded(seq);
        const stopped = this.#stopped && Cancelled.create(this.#stopped.reason, 'call', undefined);
        const end = stopped === undefined ? invoke(loaded) : this.#over(new Thrown(stopped));
        if (end !== PENDING) this.#tell(seq, end);
      },
      (error: unknown) => this.#tell(seq, this.#over(new Thrown(error))),
    );
    return PENDING;
  }

  #tell(seq: number, end: unknown): void {
    if (end instanceof Thrown) this.#events.ended(seq, false, end.encoded);
    else this.#events.ended(seq, true, end);
  }

  #invoke(
    fn: AnyFunction,
    values: unknown[],
    index: number,
    attempt: number,
    extras: Record<string, unknown> | undefined,
  ): unknown {
    const home = this.#home.route === this.#route ? this.#home : this.#enter();
    home.scope ??= new BodyScope(functionName(fn));
    const { scope } = home;
    if (!this.#keepsInside) home.inside = undefined;
    home.inside ??= scope.token.run(captureContext);
    this.#current = scope;
    const timeout = this.#events.starting(this.#seq as number);
    // The pool ends it; here the time is only known. A timer in every worker would not be seen by a body that is busy.
    scope.token.deadline = timeout === undefined ? Number.POSITIVE_INFINITY : now() + timeout;
    values[values.length - 1] = CallContext.with(scope.token, index, attempt, extras);
    this.#fn = fn;
    this.#values = values;
    let result: unknown;
    let late: Promise<unknown> | undefined;
    try {
      result = home.inside.runInAsyncScope(this.#call);
      // A getter of the user's may throw: `then`, or `constructor` of a promise.
      if (isThenable(result)) late = Promise.resolve(result);
    } catch (error) {
      return this.#atOnce(this.#failed(scope, error));
    }
    if (late !== undefined) {
      const seq = this.#seq as number;
      this.#seeWhetherLong();
      late.then(
        (value) => this.#settle(seq, this.#succeeded(scope, value)),
        (error: unknown) => this.#settle(seq, this.#failed(scope, error)),
      );
      return PENDING;
    }
    return this.#atOnce(this.#succeeded(scope, result));
  }

  /** Finds the home of the function at work. */
  #enter(): Home {
    const route = this.#route;
    let home = this.#homes.get(route);
    if (home === undefined) {
      home = { route, scope: undefined, inside: undefined, isLong: false };
      if (this.#homes.size >= MOST_HOMES) {
        for (const other of this.#homes.values()) this.#leave(other);
        this.#homes.clear();
      }
      this.#homes.set(route, home);
    }
    this.#home = home;
    return home;
  }

  /** A body that goes on in the next turn of the event loop is a long one. */
  #seeWhetherLong(): void {
    if (this.#isTurnAwaited) return;
    this.#isTurnAwaited = true;
    nextTurn(() => {
      this.#isTurnAwaited = false;
      if (this.#current !== undefined) this.#home.isLong = true;
    });
  }

  /** The next body of a function gets another scope; in this one nothing was left. */
  #leave(home: Home): void {
    home.scope?.join().catch(none);
    renew(home);
  }

  /** Gives an end, or sees to it that it is told later. */
  #atOnce(end: unknown): unknown {
    if (!(end instanceof Promise)) return end;
    this.#settle(this.#seq as number, end);
    return PENDING;
  }

  readonly #call = (): unknown => apply(this.#fn, undefined, this.#values);

  #settle(seq: number, end: unknown): void {
    if (end instanceof Promise) end.then((late) => this.#tell(seq, late));
    else this.#tell(seq, end);
  }

  #succeeded(scope: OpenScope, value: unknown): unknown {
    if (scope.token.isUntouched && scope.isPlain) return this.#over(value);
    return this.#finish(scope, undefined).then((failed) => this.#over(failed ?? value));
  }

  #failed(scope: OpenScope, error: unknown): unknown {
    if (scope.token.isUntouched && scope.isPlain) return this.#over(new Thrown(error));
    return this.#finish(scope, { error }).then((failed) => this.#over(failed));
  }

  /** Ends a scope in which something was left: work that a body has started ends before the call does. */
  async #finish(
    scope: OpenScope,
    failed: { readonly error: unknown } | undefined,
  ): Promise<Thrown | undefined> {
    renew(this.#home);
    if (failed !== undefined) scope.token.cancel(failed.error);
    try {
      await scope.join();
    } catch (error) {
      const isOwn = scope.cancelled && isCancelled(error);
      if (failed === undefined && !isOwn) return new Thrown(error);
    }
    return failed === undefined ? undefined : new Thrown(failed.error);
  }

  #over<T>(end: T): T {
    this.#borrower?.finish();
    this.#borrower = undefined;
    this.#lines.close();
    if (this.#home.isLong) this.#leave(this.#home);
    this.#seq = undefined;
    this.#current = undefined;
    this.#stopped = undefined;
    return end;
  }

  /** Fires the signal of a call, if it is the one at work. */
  stop(seq: number, reason: EncodedThrown): void {
    if (seq !== this.#seq) return;
    this.#stopped = { reason: decodeThrown(reason, undefined) };
    this.#current?.token.cancel(this.#stopped.reason);
  }

  /** Messages on the line of a call. */
  told(seq: number, messages: readonly unknown[]): void {
    this.#lines.told(seq, messages);
  }

  /** A message could not be read: it may be what the body at work waits for. */
  missed(error: unknown): void {
    this.#borrower?.missed(error);
  }

  /** Sends what the body at work has said to its shared objects. */
  flush(): void {
    this.#lines.flush();
  }
}

function none(): undefined {
  return undefined;
}
