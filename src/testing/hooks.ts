/**
 * The hooks of the kernel are one of a kind, so only one driver of them can be at work: virtual time or an exploration.
 *
 * @module
 */
import type { Clock } from '../core/clock.ts';
import { kernel, type Scheduler } from '../core/kernel.ts';

/** What a driver puts in the place of real time and immediate resumption. */
export interface Hooks {
  readonly clock: Clock;
  readonly scheduler?: Scheduler;
}

let driver: string | undefined;

/** The claim of one driver on the hooks, from its construction to `release`. */
export class HookClaim {
  readonly #before: { readonly clock: Clock; readonly scheduler: Scheduler | undefined };

  /**
   * @param what names the driver in the error
   * @throws Error when a driver is at work
   */
  constructor(what: string) {
    if (driver !== undefined) {
      throw new Error(
        `Cannot start ${what}: ${driver === what ? 'it' : driver} is running already`,
      );
    }
    driver = what;
    this.#before = { clock: kernel.clock, scheduler: kernel.scheduler };
  }

  /** Puts these hooks in force. */
  set(hooks: Hooks): void {
    kernel.clock = hooks.clock;
    kernel.scheduler = hooks.scheduler;
  }

  /** Puts back what was in force before the claim, and lets others in. */
  release(): void {
    Object.assign(kernel, this.#before);
    driver = undefined;
  }
}
