/**
 * Hears what the process is told while a program runs: rejections that nobody handles, errors that nobody catches, warnings. Whoever listened
 * before hears nothing of it.
 *
 * @module
 */
const EVENTS = ['unhandledRejection', 'uncaughtException', 'warning'] as const;
type Listener = (...args: unknown[]) => void;

/** Listens from its making to `stop`. */
export class Ear {
  readonly rejections: unknown[] = [];
  readonly warnings: unknown[] = [];
  readonly #before = EVENTS.map((event) => process.rawListeners(event) as Listener[]);

  constructor() {
    for (const event of EVENTS) {
      process.removeAllListeners(event);
      const heard = event === 'warning' ? this.warnings : this.rejections;
      process.on(event as 'warning', (what) => heard.push(what));
    }
  }

  /** Gives back the ear to those who listened before. */
  stop(): void {
    EVENTS.forEach((event, i) => {
      process.removeAllListeners(event);
      for (const listener of this.#before[i] ?? []) process.on(event as 'warning', listener);
    });
  }
}
