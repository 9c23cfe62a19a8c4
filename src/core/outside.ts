/**
 * Counts the waits for the world outside the library. The virtual clock does not jump while one is pending, because only the outside
 * can end it.
 *
 * @module
 */
import { kernel } from './kernel.ts';

/** Counts a wait for the outside; the function that it gives counts it off, once. */
export function countOutside(): () => void {
  kernel.outside++;
  let pending = true;
  return () => {
    if (pending) kernel.outside--;
    pending = false;
  };
}
