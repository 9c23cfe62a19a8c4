/**
 * Node ends a process in which nothing can happen any more without a word, also where somebody still waits. The command asks those who
 * wait first, and says so when none of them can go on.
 *
 * @module
 */
import { NEVER_SETTLED } from './exit-codes.ts';
import { NOTHING_COMES } from './failure.ts';
import { leave } from './leave.ts';
import { say } from './output.ts';

/** Makes something go on in an idle process; false when it has nothing that could. */
type OnIdle = () => boolean;

const asked: OnIdle[] = [];

/** Has a function called whenever the process is idle, until what this gives is called. */
export function whenIdle(onIdle: OnIdle): () => void {
  asked.push(onIdle);
  return () => void asked.splice(asked.indexOf(onIdle), 1);
}

/** Watches from here on. */
export function watchIdle(): void {
  process.on('beforeExit', () => {
    if (asked.some((onIdle) => onIdle())) {
      // Without a turn in between, Node does not tell a second time.
      setImmediate(() => undefined);
      return;
    }
    say(`Cannot go on: ${NOTHING_COMES}`);
    leave(NEVER_SETTLED);
  });
}
