/**
 * With what the command exits, for people and for scripts.
 *
 * @module
 */

/** Some items failed, or the function threw where nobody could catch it. */
export const FAILED = 1;
/** Wrong use. */
export const WRONG_USE = 2;
/** EX_SOFTWARE of sysexits.h. */
export const NEVER_SETTLED = 70;
/** EX_IOERR of sysexits.h. */
export const CANNOT_WRITE = 74;
/** What a shell shows for a command that wrote to a closed pipe. */
export const BROKEN_PIPE = 141;
/** 128 + the number of the signal, as shells show it. */
export const SIGNALS = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/** What help says of them. */
export const EXIT_CODES_HELP = `Exit codes:
  0    all fine
  1    some items failed
  2    wrong use, or a Node that is too old
  70   the function never settled: it waits for what nothing in the process can bring
  74   the records could not be written: the disk is full, for example
  129, 130, 143   stopped by SIGHUP, SIGINT (Ctrl-C), SIGTERM
  141  nobody reads the records any more
`;
