/**
 * `Atomics` as it was when this thread began. A body may replace its functions: then its worker would wait for nothing or for ever, or hand
 * the shared memory to that body.
 *
 * @module
 */

type All = typeof Atomics & { pause?(): void };

export const add: All['add'] = Atomics.add;
export const compareExchange: All['compareExchange'] = Atomics.compareExchange;
export const load: All['load'] = Atomics.load;
export const notify: All['notify'] = Atomics.notify;
export const store: All['store'] = Atomics.store;
export const wait: All['wait'] = Atomics.wait;
export const waitAsync: All['waitAsync'] = Atomics.waitAsync;

/** Tells the core that this is a loop that looks at memory; Node 22 has no word for it. */
export const pause: () => void = (Atomics as All).pause ?? (() => undefined);
