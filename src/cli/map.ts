/**
 * `skein map`: runs an exported function over inputs, some at a time, and writes one record an item. Nothing that was read is lost:
 * an item that was stopped half-way has a record too.
 *
 * @module
 */
import { isCancelled } from '../core/errors.ts';
import { type Flow, type FlowStats, mapStream, type Outcome } from '../index.ts';
import { monotonicNow } from '../runtime/runtime.ts';
import { Calls } from './calls.ts';
import { FAILED, NEVER_SETTLED } from './exit-codes.ts';
import { errorRecord, NeverSettled, NOTHING_COMES, oneLine, UsageError } from './failure.ts';
import { whenIdle } from './idle.ts';
import { BadInput, checkPlaces, type Input, readInputs } from './input.ts';
import { loadFunction, type UserFunction } from './load.ts';
import { type MapOptions, parseCommand } from './map-arguments.ts';
import { say } from './output.ts';
import { type ItemRecord, writeRecord } from './records.ts';
import { Stop } from './stop.ts';

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
  const calls = new Calls();
  const awake = whenIdle(calls.failAll);
  let failed = 0;

  const write = async (record: ItemRecord): Promise<void> => {
    pending.delete(record.index);
    if (!(await writeRecord(record)) || record.status !== 'done') failed++;
  };
  try {
    const items = numbered(readInputs(options.kind, places, stop.draining), pending);
    const call: UserFunction = (item, context) => calls.make(() => fn(item, context));
    const flow = startFlow(items, call, options, stop.now, (stats) => progress.show(stats));
    for await (const outcome of flow.settled()) await write(recordOf(outcome, pending));
  } catch (error) {
    if (stop.exitCode === undefined) throw error;
    // It was told to stop: what did not is said, the cancellation itself is no news.
    if (!isCancelled(error)) say(oneLine(error));
  } finally {
    for (const item of pending.values()) await write(cancelledRecord(item));
    progress.end();
    awake();
    stop.end();
  }
  if (calls.neverSettled > 0) say(neverSettled(calls.neverSettled));
  return stop.exitCode ?? (calls.neverSettled > 0 ? NEVER_SETTLED : failed > 0 ? FAILED : 0);
}

function startFlow(
  items: AsyncIterable<Item>,
  fn: UserFunction,
  { order, concurrency, timeout, retries }: MapOptions,
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
        retry: { retries, retryIf: isWorthRetrying },
        concurrency,
        timeout: timeout as `${number}s` | undefined,
        onProgress: process.stderr.isTTY ? onProgress : undefined,
      },
    );
  } catch (error) {
    throw new UsageError(oneLine(error), { cause: error });
  }
}

/** A line does not get better, and what nothing can bring does not come. */
function isWorthRetrying(error: unknown): boolean {
  return !(error instanceof BadInput || error instanceof NeverSettled);
}

function neverSettled(count: number): string {
  const calls = count === 1 ? 'a call' : `${count} calls`;
  return `Could not finish ${calls} of the function: ${NOTHING_COMES}`;
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
