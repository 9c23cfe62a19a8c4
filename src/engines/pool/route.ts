/**
 * What a pool knows of one function: how it travels, and how long it takes.
 *
 * @module
 */
import { functionName } from '../../core/function-name.ts';
import { CallSite, SiteSampler } from '../../runtime/call-site.ts';
import { decodeThrown, type EncodedThrown } from '../../shipping/error-codec.ts';
import { explain } from '../../shipping/explain.ts';
import { isGuess, placed, restored } from '../../shipping/placing.ts';
import { ship } from '../../shipping/ship.ts';
import type { AnyFunction, Shipment } from '../../shipping/shipment.ts';
import { withInstance } from '../shared/contents.ts';

/** Work that travels together should take about so long, in milliseconds: a worker then never waits, and nobody waits long behind it. */
const TARGET = 0.5;

/** More never travel together. */
export const DEEPEST = 1024;

let lastId = 0;

/** One function, the same for all pools. */
export class Route {
  /** Nobody else has it, also when the function has been forgotten. Numbers wrap around, as those of calls do. */
  readonly id: number;
  /** Empty where it has none. */
  readonly name: string;
  #shipment: Shipment | undefined;
  /** Whose place in its file is not known yet. */
  #unplaced: { readonly fn: AnyFunction; readonly site: CallSite | undefined } | undefined;
  /** The function, if it was taken for another of the same text: what it throws tells. */
  #fn: WeakRef<AnyFunction> | undefined;
  /** Settles when `shipment` is known, or why there is none. */
  shipping: Promise<void> | undefined;
  /** Milliseconds a call, smoothed; 0 until something is known. */
  #usual = 0;
  /** The longest of late; it falls slowly. */
  #worst = 0;
  /** Where its calls are made. */
  readonly sites: SiteSampler = new SiteSampler();

  constructor(fn: AnyFunction, site: CallSite | undefined) {
    lastId = (lastId + 1) | 0;
    this.id = lastId;
    this.name = functionName(fn);
    const shipment = ship(fn, site);
    if (shipment instanceof Promise) {
      this.shipping = shipment.then((found) => {
        this.#shipment = found;
        this.shipping = undefined;
      });
    } else {
      this.#shipment = shipment;
      this.#unplaced = { fn, site };
    }
  }

  /** Plain data from which a worker makes the function; undefined until it is known. */
  get shipment(): Shipment | undefined {
    this.place();
    return this.#shipment;
  }

  /** Looks for the place of the function in its file, if nobody has: at the latest when it is to leave. */
  place(): void {
    const unplaced = this.#unplaced;
    if (unplaced === undefined || this.#shipment === undefined) return;
    this.#unplaced = undefined;
    const { fn, site } = unplaced;
    this.#shipment = placed(fn, this.#shipment, site);
    if (isGuess(this.#shipment)) this.#fn = new WeakRef(fn);
  }

  /** Takes in that `count` calls took `ms` milliseconds in all. */
  took(ms: number, count: number): void {
    const each = ms / count;
    this.#worst = Math.max(this.#worst * 0.7, each);
    // Down fast, up slowly: a function is quicker than it was when it was new, and a pause of its thread says nothing of it.
    if (this.#usual === 0) this.#usual = each;
    else if (each < this.#usual) this.#usual = (this.#usual + each) / 2;
    else this.#usual = this.#usual * 0.8 + Math.min(each, this.#usual * 8) * 0.2;
  }

  /** Gives what the function has thrown; where that comes of the way in which it, or its arguments, were sent, what it really means. */
  thrown(encoded: EncodedThrown, args: readonly unknown[], site: CallSite | undefined): unknown {
    const shipment = this.#shipment;
    const told = withInstance(encoded, args);
    if (shipment?.kind !== 'source') return decodeThrown(told, site);
    const right = restored(told, this.#fn?.deref(), shipment, site);
    return explain(decodeThrown(right, site), shipment, site);
  }

  /** How many calls may travel together: one while nothing is known. */
  get depth(): number {
    if (this.#usual === 0) return 1;
    const expected = Math.max(this.#usual, this.#worst / 16, 1e-4);
    return Math.max(1, Math.min(DEEPEST, Math.floor(TARGET / expected)));
  }
}

const routes = new WeakMap<AnyFunction, Route>();

/**
 * Gives the route of a function, looking for it once.
 *
 * @param site where it was handed over, or the function of the library whose caller did
 * @throws what `ship` throws: a function that cannot be sent is refused before anything runs
 */
export function routeOf(fn: AnyFunction, site: CallSite | AnyFunction): Route {
  let route = routes.get(fn);
  if (route === undefined) {
    route = new Route(fn, typeof site === 'function' ? new CallSite(site) : site);
    routes.set(fn, route);
    route.shipping?.catch(() => routes.delete(fn));
  }
  return route;
}
