/**
 * The words after `skein map`.
 *
 * @module
 */
import { parseArgs } from 'node:util';
import { EXIT_CODES_HELP } from './exit-codes.ts';
import { oneLine, UsageError } from './failure.ts';
import type { InputKind } from './input.ts';
import { suggestion } from './suggestion.ts';

/** What `skein map --help` shows. */
export const MAP_HELP: string = `Usage: skein map MODULE[#export] [INPUT...] [options]

Runs an exported function over every input and writes one JSON record an item to stdout:
  {"index":0,"input":"a","status":"done","value":1,"ms":0.4}
The function gets the item and a context with a signal, its index and its attempt.

  MODULE[#export]        a JavaScript or TypeScript module; default: its default export, or its only function
  INPUT                  files or globs; none, or -: stdin

Options:
  --in KIND              lines (default): each is an item, a blank one too
                         jsonl: one JSON value a line, between blank lines if need be
                         files: the items are the names of the files
  -c, --concurrency N    items at once; -1: no limit (default: min(32, cores + 4))
  --order ORDER          input (default) or done: as they are finished
  --timeout TIME         for each attempt, such as 500ms, 5s or 2m
  --retry N              further attempts after a failure (default 0)
  -h, --help             show this

The first Ctrl-C finishes what has started, the second stops it, the third ends the command at once. SIGTERM and SIGHUP do the same.
What ignores the second has five seconds.

${EXIT_CODES_HELP}`;

/** How the function is run over its inputs. */
export interface MapOptions {
  readonly kind: InputKind;
  readonly order: 'input' | 'completion';
  readonly concurrency: number | undefined;
  readonly timeout: string | undefined;
  readonly retries: number;
}

/** Reads the words; throws UsageError for what cannot be. */
export function parseCommand(args: readonly string[]): {
  module: string;
  places: readonly string[];
  options: MapOptions;
} {
  const { values, positionals } = parse(args);
  const [module, ...places] = positionals;
  if (module === undefined) throw new UsageError('Expected a module: got none', { help: MAP_HELP });
  const kind = oneOf('--in', values.in ?? 'lines', ['lines', 'jsonl', 'files'] as const);
  const order = oneOf('--order', values.order ?? 'input', ['input', 'done'] as const);
  return {
    module,
    places,
    options: {
      kind,
      order: order === 'done' ? 'completion' : 'input',
      concurrency:
        values.concurrency === undefined ? undefined : integer('--concurrency', values.concurrency),
      timeout: values.timeout,
      retries: integer('--retry', values.retry ?? '0'),
    },
  };
}

/** `-c -1` as one word: the parser takes a value that begins with a dash for an option. */
function joinNegative(args: readonly string[]): string[] {
  return args.reduce<string[]>((joined, arg) => {
    const last = joined.at(-1);
    const isValue = /^-\d/.test(arg) && (last === '-c' || last?.startsWith('--') === true);
    if (isValue)
      joined[joined.length - 1] = last === '-c' ? `--concurrency=${arg}` : `${last}=${arg}`;
    else joined.push(arg);
    return joined;
  }, []);
}

interface Values {
  readonly in?: string;
  readonly order?: string;
  readonly concurrency?: string;
  readonly timeout?: string;
  readonly retry?: string;
}

const OPTIONS = {
  in: { type: 'string' },
  order: { type: 'string' },
  concurrency: { type: 'string', short: 'c' },
  timeout: { type: 'string' },
  retry: { type: 'string' },
} as const;

function parse(args: readonly string[]): { values: Values; positionals: string[] } {
  try {
    return parseArgs({ args: joinNegative(args), allowPositionals: true, options: OPTIONS });
  } catch (error) {
    const [, unknown] = /^Unknown option '(.*?)'/.exec(oneLine(error)) ?? [];
    if (unknown === undefined) throw new UsageError(oneLine(error), { cause: error });
    const names = ['help', ...Object.keys(OPTIONS)].map((name) => `--${name}`);
    const hint = suggestion(unknown, names) || ': skein map --help shows all';
    throw new UsageError(`Unknown option '${unknown}'${hint}`, { cause: error });
  }
}

function oneOf<W extends string>(option: string, value: string, words: readonly W[]): W {
  if ((words as readonly string[]).includes(value)) return value as W;
  throw new UsageError(`Expected ${option} to be ${words.join(' or ')}: got '${value}'`);
}

function integer(option: string, text: string): number {
  if (/^-?\d+$/.test(text)) return Number(text);
  throw new UsageError(`Expected ${option} to be an integer: got '${text}'`);
}
