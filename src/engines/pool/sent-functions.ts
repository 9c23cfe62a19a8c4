/**
 * The functions that one worker has been sent. Programs write functions inside loops, a new one for each call, and a worker that kept them
 * all would grow for ever: so what this heap has collected the worker is told to forget, with the next calls.
 *
 * What is watched is the route, not the function: a call holds it from the moment it is submitted until it is settled, wherever it is by
 * then (queued, sent, taken back, moved to another worker). So of a function whose route is gone no call is on its way, and none can follow:
 * the same function again has a new route, with a new number.
 *
 * @module
 */
import type { Route } from './route.ts';

/** Functions as they travel: number and shipment in turn; in the place of a shipment undefined, for one that can be forgotten. */
export type Functions = unknown[];

/** What one worker has, and what it has to be told. */
export class SentFunctions {
  readonly #ids = new Set<number>();
  #news: Functions = [];
  readonly #collected = new FinalizationRegistry<number>((id) => {
    this.#ids.delete(id);
    this.#news.push(id, undefined);
  });

  has(route: Route): boolean {
    return this.#ids.has(route.id);
  }

  /** A call of this function leaves: so does the function, if it is new to the worker. */
  send(route: Route): void {
    if (this.#ids.has(route.id)) return;
    this.#ids.add(route.id);
    this.#collected.register(route, route.id);
    this.#news.push(route.id, route.shipment);
  }

  /** What brought this function may not have been read: it leaves again with the next call of it. */
  lost(route: Route): void {
    this.#ids.delete(route.id);
  }

  /** What is to leave before the next calls; undefined when there is nothing. */
  take(): Functions | undefined {
    if (this.#news.length === 0) return undefined;
    const news = this.#news;
    this.#news = [];
    return news;
  }
}
