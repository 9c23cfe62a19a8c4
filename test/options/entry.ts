/**
 * How the calls that take options are written down.
 *
 * @module
 */

/** One call that takes options. */
export interface Entry {
  /** The export, and the method: `new` for a constructor, nothing for a handle that is called itself. */
  readonly call: string;
  /** The type of its options; undefined where that has no name of its own. */
  readonly type: string | undefined;
  /** What the message calls it. */
  readonly owner: string;
  /** An option that it knows. */
  readonly knows: string;
  readonly make: (options: never) => unknown;
  /** It needs others beside the one: what it is given is spread into them. */
  readonly needsOthers: boolean;
}

/** A call whose options have a type of their own, whose name is an export too. */
export function takes(
  call: string,
  type: string | undefined,
  owner: string,
  knows: string,
  make: Entry['make'],
): Entry {
  return { call, type, owner, knows, make, needsOthers: false };
}

/** The same for one that needs other options beside. */
export function completes(
  call: string,
  type: string,
  owner: string,
  knows: string,
  make: (options: object) => unknown,
): Entry {
  return { call, type, owner, knows, make, needsOthers: true };
}

/** A wait that can be bounded. */
export function waits(call: string, label: string, make: Entry['make'], knows = 'timeout'): Entry {
  return takes(call, 'WaitBounds', `a wait for ${label}`, knows, make);
}

/** A function that is run under a limiter. */
export function runs(call: string, label: string, make: Entry['make']): Entry {
  return takes(call, 'RunBounds', `a wait for ${label}`, 'key', make);
}

/** A primitive that takes its name and nothing else. */
export function named(call: string, kind: string, make: Entry['make']): Entry {
  return takes(call, undefined, `a ${kind}`, 'name', make);
}

let calls = 0;

/** What all of them are given to run. */
export function work(): undefined {
  calls++;
}

/** How often it was run. */
export function workDone(): number {
  return calls;
}
