/**
 * The end of the command. `process.exit` is also what the user's function may call, and then items are without a record; so the command
 * itself ends here and nowhere else.
 *
 * @module
 */

let leaving = false;

/** Whether it was the command that has ended the process. */
export function isLeaving(): boolean {
  return leaving;
}

/** Ends the process. */
export function leave(code: number): never {
  leaving = true;
  process.exit(code);
}
