/**
 * The options of the runtime that a worker gets: a thread, a child process, the worker of `runSync`.
 *
 * @module
 */

/** Options of the program itself, which a worker must not inherit: it has an entry of its own. */
const NOT_INHERITED =
  /^(?:--input-type|--eval|-e|--print|-p|-pe|--test|--inspect[-\w]*|--watch[-\w]*|--check|-c)(?:=|$)/;
/** Those of them that have the next word as their value. */
const WITH_VALUE = /^(?:--input-type|--eval|-e|--print|-p|-pe)$/;

/** Those of them that may stand in `NODE_OPTIONS`, with their value: a worker would refuse its entry, or wait for a debugger. */
const IN_ENVIRONMENT =
  /(?:^|\s+)--(?:input-type(?:=|\s+)\S+|inspect(?:-brk|-wait)?(?:=\S+)?)(?=\s|$)/g;

/** The options that this process was started with, without those that are about its program. */
export function inheritedOptions(options: readonly string[] = process.execArgv): string[] {
  return options.filter(
    (option, at) => !NOT_INHERITED.test(option) && !WITH_VALUE.test(options[at - 1] ?? ''),
  );
}

/** The environment for a worker where it must not be that of this process, because of options in it that are about its program. */
export function inheritedEnv(env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv | undefined {
  const { NODE_OPTIONS = '' } = env;
  const options = NODE_OPTIONS.replace(IN_ENVIRONMENT, '');
  return options === NODE_OPTIONS ? undefined : { ...env, NODE_OPTIONS: options.trim() };
}
