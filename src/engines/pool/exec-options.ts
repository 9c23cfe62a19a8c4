/**
 * The options of the runtime that a worker gets.
 *
 * @module
 */

/** Options of the program itself, which a worker must not inherit: it has an entry of its own. */
const NOT_INHERITED =
  /^(?:--input-type|--eval|-e|--print|-p|-pe|--test|--inspect[-\w]*|--watch[-\w]*|--check|-c)(?:=|$)/;
/** Those of them that have the next word as their value. */
const WITH_VALUE = /^(?:--input-type|--eval|-e|--print|-p|-pe)$/;

/** The options that this process was started with, without those that are about its program. */
export function inheritedOptions(options: readonly string[] = process.execArgv): string[] {
  return options.filter(
    (option, at) => !NOT_INHERITED.test(option) && !WITH_VALUE.test(options[at - 1] ?? ''),
  );
}
