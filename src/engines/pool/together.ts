/**
 * What calls that travel together have among their arguments. One clone takes them all, so an object that two of them were given would be one
 * object over there too, and the second body would see what the first has done to it. Whether two calls travel together is nobody's
 * business: so those do not.
 *
 * @module
 */
import type { Order } from './order.ts';

/** The arguments of one message in the making. */
export class Together {
  readonly #objects = new Set<unknown>();

  /** Whether a call was given what another one was. */
  shares(order: Order | readonly unknown[]): boolean {
    return this.#objects.size > 0 && valuesOf(order).some((value) => this.#objects.has(value));
  }

  add(order: Order | readonly unknown[]): void {
    for (const value of valuesOf(order)) {
      if (typeof value === 'object' && value !== null) this.#objects.add(value);
    }
  }

  clear(): void {
    this.#objects.clear();
  }
}

function valuesOf(order: Order | readonly unknown[]): readonly unknown[] {
  return Array.isArray(order) ? order : (order as Order).values;
}
