/**
 * `skein map`: runs an exported function over inputs, some at a time, and writes one record an item. Nothing that was read is lost:
 * an item that was stopped half-way has a record too.
 *
 * @module
 */
import { parseArgs } from 'node:util';
import { isCancelled } from '../core/errors.ts';
import { nearestName } from '../core/nearest-name.ts';
import { type Flow, type FlowStats, mapStream, type Outcome } from '../index.ts';
import { monotonicNow } from '../runtime/runtime.ts';
import { errorRecord, oneLine, UsageError } from './failure.ts';
import { BadInput, checkPlaces, type Input, type InputKind, readInputs } from './input.ts';
import { loadFunction, type UserFunction } from './load.ts';
import { type ItemRecord, writeRecord } from './records.ts';
import { Stop } from './stop.ts';

/** What `skein map --help` shows. */
export const MAP_HELP = `Usage: skein map MODULE[#export] [INPUT...] [options]

Runs an exported function over every input and writes one JSON record an item to stdout:
  {"index":0,"input":"a","status":"done","value":1,"ms":0.4}
The function gets the item and a context with a signal, its index and its attempt.

  MODULE[#export]        a JavaScript or TypeScript module; default: its default export, or its only function
  INPUT                  files or globs; none, or -: stdin

Options:
  --in KIND              lines (default), jsonl, or files: the items are the names of the files
  -c, --concurrency N    items at once; -1: no limit (default: min(32, cores + 4))
  --order ORDER          input (default) or done: as they are finished
  --timeout TIME         for each attempt, such as 500ms, 5s or 2m
  --retry N              further attempts after a failure (default 0)
  -h, --help             show this

The first Ctrl-C finishes what has started, the second stops it, the third ends the command at once.
`;

interface Options {
  readonly kind: InputKind;
  readonly order: 'input' | 'completion';
  readonly concurrency: number | undefined;
  readonly timeout: string | undefined;
  readonly retries: number;
}

/** An item on its way. */
interface Item extends Input {
  readonly index: number;
  /** When its first attempt started, and its last ended. */
  started: number | undefined;
  ended: number | undefined;
}

/** Runs the command; gives its exit code. */
export async function mapCommand(args: readonly string[]): Promise<number> {
  const { module, places, options } = parseCommand(args);
  const fn = await loadFunction(module);
  await checkPlaces(options.kind, places);
  const stop = new Stop();
  const pending = new Map<number, Item>();
  const progress = new Progress();
  let failed = 0;

  const write = async (record: ItemRecord): Promise<void> => {
    pending.delete(record.index);
    if (!(await writeRecord(record)) || record.status !== 'done') failed++;
  };
  try {
    const items = numbered(readInputs(options.kind, places, stop.draining), pending);
    const flow = startFlow(items, fn, options, stop.now, (stats) => progress.show(stats));
    for await (const outcome of flow.settled()) await write(recordOf(outcome, pending));
  } catch (error) {
    if (stop.exitCode === undefined) throw error;
    // It was told to stop: what did not is said, the cancellation itself is no news.
    if (!isCancelled(error)) process.stderr.write(`skein: ${oneLine(error)}\n`);
  } finally {
    for (const item of pending.values()) await write(cancelledRecord(item));
    progress.end();
    stop.end();
  }
  return stop.exitCode ?? (failed > 0 ? 1 : 0);
}

function startFlow(
  items: AsyncIterable<Item>,
  fn: UserFunction,
  { order, concurrency, timeout, retries }: Options,
  signal: AbortSignal,
  onProgress: (stats: FlowStats) => void,
): Flow<unknown> {
  try {
    return mapStream(
      items,
      async (item, context) => {
        item.started ??= monotonicNow();
        if (item.bad !== undefined) throw item.bad;
        try {
          return await fn(item.input, context);
        } finally {
          item.ended = monotonicNow();
        }
      },
      {
        name: 'map',
        order,
        signal,
        retry: { retries, retryIf: (error) => !(error instanceof BadInput) },
        concurrency,
        timeout: timeout as `${number}s` | undefined,
        onProgress: process.stderr.isTTY ? onProgress : undefined,
      },
    );
  } catch (error) {
    throw new UsageError(oneLine(error), { cause: error });
  }
}

async function* numbered(
  inputs: AsyncIterable<Input>,
  pending: Map<number, Item>,
): AsyncGenerator<Item, void, void> {
  let index = 0;
  for await (const input of inputs) {
    const item: Item = { ...input, index, started: undefined, ended: undefined };
    pending.set(index++, item);
    yield item;
  }
}

function recordOf(outcome: Outcome<unknown>, pending: ReadonlyMap<number, Item>): ItemRecord {
  const { index, status } = outcome;
  const item = pending.get(index) as Item;
  const base = { index, input: item.input, status, ms: duration(item) };
  return outcome.status === 'done'
    ? { ...base, value: outcome.value }
    : { ...base, error: errorRecord(outcome.error) };
}

function cancelledRecord(item: Item): ItemRecord {
  const { index, input } = item;
  return { index, input, status: 'cancelled', ms: duration(item) };
}

function duration({ started, ended }: Item): number {
  return started === undefined ? 0 : (ended ?? monotonicNow()) - started;
}

function parseCommand(args: readonly string[]): {
  module: string;
  places: readonly string[];
  options: Options;
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

const ARGUMENTS = {
  in: { type: 'string' },
  order: { type: 'string' },
  concurrency: { type: 'string', short: 'c' },
  timeout: { type: 'string' },
  retry: { type: 'string' },
} as const;

function parse(args: readonly string[]): { values: Values; positionals: string[] } {
  try {
    return parseArgs({
      args: joinNegative(args),
      allowPositionals: true,
      options: ARGUMENTS,
    });
  } catch (error) {
    throw new UsageError(withSuggestion(oneLine(error)), { cause: error });
  }
}

/** What the parser says of an unknown option, with the one that was probably meant. */
function withSuggestion(message: string): string {
  const wrong = /^Unknown option '--([^'=]+)/.exec(message)?.[1];
  const near = wrong === undefined ? undefined : nearestName(wrong, Object.keys(ARGUMENTS));
  return near === undefined ? message : `Unknown option '--${wrong}': did you mean --${near}?`;
}

function oneOf<W extends string>(option: string, value: string, words: readonly W[]): W {
  if ((words as readonly string[]).includes(value)) return value as W;
  throw new UsageError(`Expected ${option} to be ${words.join(' or ')}: got '${value}'`);
}

function integer(option: string, text: string): number {
  if (/^-?\d+$/.test(text)) return Number(text);
  throw new UsageError(`Expected ${option} to be an integer: got '${text}'`);
}

/** One line on a terminal that is written over and over. */
class Progress {
  readonly #start = monotonicNow();
  #shown = false;

  show({ done, failed, running }: FlowStats): void {
    const seconds = (monotonicNow() - this.#start) / 1000;
    const rate = seconds > 0 ? Math.round((done + failed) / seconds) : 0;
    this.#shown = true;
    process.stderr.write(`\r\x1b[K${done} done, ${failed} failed, ${running} running, ${rate}/s`);
  }

  end(): void {
    if (this.#shown) process.stderr.write('\n');
  }
}
