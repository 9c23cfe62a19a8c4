/**
 * The options of the runtime that a worker gets: a thread, a child process, the worker of `runSync`.
 *
 * @module
 */
import { hostModule } from '../../runtime/runtime.ts';

/** Options of the program itself, which a worker must not inherit: it has an entry of its own. */
const NOT_INHERITED =
  /^(?:--input-type|--eval|-e|--print|-p|-pe|--test|--inspect[-\w]*|--watch[-\w]*|--check|-c)(?:=|$)/;
/** Those of them that have the next word as their value. */
const WITH_VALUE = /^(?:--input-type|--eval|-e|--print|-p|-pe)$/;

/** Those of them that may stand in `NODE_OPTIONS`, with their value: a worker would refuse its entry, or wait for a debugger. */
const IN_ENVIRONMENT =
  /(?:^|\s+)--(?:input-type(?:=|\s+)\S+|inspect(?:-brk|-wait)?(?:=\S+)?)(?=\s|$)/g;

/** Those that limit the heap of whatever the program starts: a pool may have a limit of its own. */
const HEAP_LIMIT =
  /(?:^|\s+)--max[-_](?:old[-_]space|heap)[-_]size(?:[-_]percentage)?(?:=|\s+)[\d.]+(?=\s|$)/g;
/** The same and that of the young generation, with what and how much, perhaps in percent. */
const HEAP_SIZE =
  /(?<=^|\s)--max[-_](old[-_]space|semi[-_]space|heap)[-_]size([-_]percentage)?(?:=|\s+)([\d.]+)(?=\s|$)/g;

/**
 * The options that this process was started with, without those that are about its program.
 *
 * @param hasHeapLimit whether the worker gets a limit of heap that is its own
 */
export function inheritedOptions(
  options: readonly string[] = process.execArgv,
  hasHeapLimit = false,
): string[] {
  const inherited = options.filter(
    (option, at) => !NOT_INHERITED.test(option) && !WITH_VALUE.test(options[at - 1] ?? ''),
  );
  return hasHeapLimit ? inherited.filter((option) => option.search(HEAP_LIMIT) < 0) : inherited;
}

/** The environment for a worker where it must not be that of this process, because of options in it that are not for the worker. */
export function inheritedEnv(
  env: NodeJS.ProcessEnv = process.env,
  hasHeapLimit = false,
): NodeJS.ProcessEnv | undefined {
  const { NODE_OPTIONS = '' } = env;
  let options = NODE_OPTIONS.replace(IN_ENVIRONMENT, '');
  if (hasHeapLimit) options = options.replace(HEAP_LIMIT, '');
  return options === NODE_OPTIONS ? undefined : { ...env, NODE_OPTIONS: options.trim() };
}

/** The sizes of heap that this program was started with, in megabytes, by the name of the option. */
export function heapSizes(): readonly (readonly [name: string, megabytes: number])[] {
  // Those of the command line come last, and hold.
  const options = `${process.env.NODE_OPTIONS ?? ''} ${process.execArgv.join(' ')}`;
  // V8 would end the process if it were told to change something then.
  if (/--freeze[-_]flags[-_]after[-_]init/.test(options)) return [];
  const sizes = new Map<string, number>();
  for (const [, what = '', isShare, value] of options.matchAll(HEAP_SIZE)) {
    const size = isShare === undefined ? Number(value) : shareOfMemory(Number(value));
    sizes.set(`max-${what.replace('_', '-')}-size`, size);
  }
  return [...sizes];
}

/** So many percent of the memory that this process may use, in megabytes, as Node counts them. */
function shareOfMemory(percent: number): number {
  const total = hostModule<typeof import('node:os')>('node:os')?.totalmem() ?? 0;
  const constrained = process.constrainedMemory?.() ?? 0;
  const memory = constrained > 0 && constrained < total ? constrained : total;
  return Math.floor((memory * percent) / 100 / 2 ** 20);
}
