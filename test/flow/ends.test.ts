/**
 * Every way to end a flow before its time, for every function: the table of docs/flows.md, cell by cell.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import {
  asCompleted,
  collect,
  concurrent,
  concurrently,
  type Flow,
  gather,
  gatherSettled,
  map,
  mapStream,
  type Outcome,
  resolve,
  schedule,
  scope,
  sleep,
  UnhandledErrors,
} from 'skein';
import { virtual } from 'skein/testing';
import { describe, expect, it } from 'vitest';
import { boom, isAbort, why } from '../contract/closing-readers.ts';

/** What the caller gets, by a word. */
const PHRASES = {
  error: 'that error',
  aggregate: '`AggregateError`, at the end',
  unhandled: '`UnhandledErrors`, at the end',
  reason: "the signal's reason",
  cancelled: '`Cancelled`',
  outcome: 'an outcome',
  over: 'the end',
  none: '–',
} as const;
type Word = keyof typeof PHRASES;

const COLUMNS = ['calls', 'streams', 'outcomes', 'copies'] as const;
type Column = (typeof COLUMNS)[number];

/** What is said of one end. */
interface Row extends Readonly<Record<Column, Word>> {
  readonly end: string;
  readonly source: string;
  readonly running: string;
  /** Those that go on all the same. */
  readonly goOn?: readonly Column[];
}

const TABLE: readonly Row[] = [
  {
    end: 'a function fails',
    calls: 'error',
    streams: 'error',
    outcomes: 'outcome',
    copies: 'unhandled',
    source: 'closed',
    running: 'cancelled',
    goOn: ['outcomes', 'copies'],
  },
  {
    end: "the same with `onError: 'continue'`",
    calls: 'aggregate',
    streams: 'aggregate',
    outcomes: 'outcome',
    copies: 'none',
    source: 'read on',
    running: 'go on',
  },
  {
    end: 'the source fails',
    calls: 'error',
    streams: 'error',
    outcomes: 'error',
    copies: 'unhandled',
    source: 'has ended',
    running: 'cancelled',
    goOn: ['copies'],
  },
  {
    end: '`signal` is aborted',
    calls: 'reason',
    streams: 'reason',
    outcomes: 'reason',
    copies: 'reason',
    source: 'closed',
    running: 'cancelled',
  },
  {
    end: 'the task or scope of whoever waits is cancelled, or its time is over',
    calls: 'cancelled',
    streams: 'cancelled',
    outcomes: 'cancelled',
    copies: 'cancelled',
    source: 'closed',
    running: 'cancelled',
  },
  {
    end: 'it is left: `break`, `return()`, an error in the loop, `stop()`',
    calls: 'none',
    streams: 'over',
    outcomes: 'over',
    copies: 'over',
    source: 'closed',
    running: 'cancelled',
  },
  {
    end: 'somebody else disposes of it',
    calls: 'none',
    streams: 'over',
    outcomes: 'over',
    copies: 'over',
    source: 'closed',
    running: 'cancelled',
  },
  {
    end: 'the scope in which it was made ends',
    calls: 'none',
    streams: 'cancelled',
    outcomes: 'cancelled',
    copies: 'cancelled',
    source: 'closed',
    running: 'cancelled',
  },
];

/** At this time it is ended: one item is done, one at work, and a read is out. */
const NOW = 20;

/** One call, with a source that says nothing for a while and functions that take their time. */
class Trial {
  readonly row: Row;
  readonly controller = new AbortController();
  source = 'not opened';
  running = 'none';

  constructor(row: Row) {
    this.row = row;
  }

  async *items(): AsyncGenerator<number> {
    this.source = 'closed';
    yield 0;
    yield 1;
    await sleep(NOW);
    this.source = 'has ended';
    if (this.row.end === 'the source fails') throw boom;
    this.source = 'closed';
    await sleep(100);
    this.source = 'read on';
  }

  /** The same as functions. */
  async *jobs(): AsyncGenerator<() => Promise<number>> {
    const bound = this.work;
    for await (const item of mapStream(this.items(), (each) => each)) yield () => bound(item);
  }

  /** The same as a list. */
  get list(): (() => Promise<number>)[] {
    return [() => this.work(0), () => this.work(1)];
  }

  readonly work = async (item: number): Promise<number> => {
    if (item === 0) {
      if (!/function fails|the same/.test(this.row.end)) return item;
      await sleep(NOW);
      throw boom;
    }
    this.running = 'cancelled';
    await sleep(2 * NOW);
    this.running = 'go on';
    return item;
  };

  get options(): { readonly signal: AbortSignal; readonly onError: 'stop' | 'continue' } {
    const onError = this.row.end.includes('continue') ? 'continue' : 'stop';
    return { signal: this.controller.signal, onError };
  }

  /** By a word, how a call has ended. */
  async word(result: PromiseLike<unknown>): Promise<Word> {
    try {
      return isOutcome(await result) ? 'outcome' : 'over';
    } catch (error) {
      if (error === boom || (error as Error).cause === boom) return 'error';
      if (error instanceof UnhandledErrors) return 'unhandled';
      if (error instanceof AggregateError) return 'aggregate';
      if (this.controller.signal.aborted && isAbort(error, why)) return 'reason';
      if ((error as { readonly code?: unknown }).code === 'ABORT_ERR') return 'cancelled';
      throw error;
    }
  }
}

function isOutcome(result: unknown): boolean {
  return (
    Array.isArray(result) &&
    result.some((each: Partial<Outcome<unknown>>) => each?.status === 'failed')
  );
}

/** What a call does: waits for the result, and can be left by whoever holds it. */
interface Call {
  readonly result: () => PromiseLike<unknown>;
  /** Leaves it at the time; gives the result. */
  readonly leave?: () => PromiseLike<unknown>;
  readonly dispose?: () => PromiseLike<unknown>;
}

interface Subject {
  readonly name: string;
  readonly column: Column;
  /** It takes a list: nothing is read. */
  readonly takesList?: true;
  start(trial: Trial): Call;
}

function call(name: string, start: (trial: Trial) => Promise<unknown>): Subject {
  return { name, column: 'calls', start: (trial) => ({ result: () => start(trial) }) };
}

function list(name: string, column: Column, start: (trial: Trial) => Promise<unknown>): Subject {
  return { ...call(name, start), column, takesList: true };
}

async function all(flow: AsyncIterable<unknown>): Promise<unknown[]> {
  const got: unknown[] = [];
  for await (const each of flow) got.push(each);
  return got;
}

async function leave(flow: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of flow) {
    await sleep(NOW);
    break;
  }
}

function stream(
  name: string,
  column: Column,
  make: (trial: Trial) => AsyncDisposable,
  read: (flow: never) => Promise<unknown> = all as never,
  quit: (flow: never) => Promise<unknown> = leave as never,
): Subject {
  return {
    name,
    column,
    start(trial) {
      const flow = make(trial);
      return {
        result: () => read(flow as never),
        leave: () => quit(flow as never),
        dispose: () => flow[Symbol.asyncDispose](),
      };
    },
  };
}

const toStream = (trial: Trial): Flow<number> =>
  mapStream(trial.items(), trial.work, trial.options);
const ignore = (): void => undefined;
const settled = (flow: Flow<number>): AsyncIterable<unknown> => flow.settled();

const SUBJECTS: readonly Subject[] = [
  call('map', (trial) => map(trial.items(), trial.work, trial.options)),
  call('collect', (trial) => collect(trial.jobs(), trial.options)),
  list('gather', 'calls', (trial) => gather(trial.list, trial.options)),
  list('gatherSettled', 'outcomes', ({ list: jobs, controller: { signal } }) =>
    gatherSettled(jobs, { signal }),
  ),
  stream('mapStream', 'streams', toStream),
  stream('toArray', 'streams', toStream, (flow: Flow<number>) => flow.toArray()),
  stream('forEach', 'streams', toStream, (flow: Flow<number>) => flow.forEach(ignore)),
  stream('resolve', 'streams', (trial) => resolve(trial.jobs(), trial.options)),
  stream('concurrent', 'streams', (trial) => concurrent(trial.jobs(), trial.options)),
  stream(
    'settled',
    'outcomes',
    toStream,
    (flow: Flow<number>) => all(settled(flow)),
    (flow: Flow<number>) => leave(settled(flow)),
  ),
  stream('asCompleted', 'outcomes', (trial) =>
    asCompleted(trial.jobs(), { signal: trial.controller.signal }),
  ),
  {
    name: 'concurrently',
    column: 'copies',
    start(trial) {
      const options = { source: trial.items(), signal: trial.controller.signal };
      const waiter = concurrently(3, options, async ({ items }) => {
        for await (const item of items) await trial.work(item);
      });
      return {
        result: () => waiter(),
        leave: () => sleep(NOW).then(() => waiter.stop()),
        dispose: () => waiter[Symbol.asyncDispose](),
      };
    },
  },
];

/** Runs a call and ends it as the row says. */
async function outcomeOf(subject: Subject, trial: Trial): Promise<Word> {
  const { end } = trial.row;
  if (end.startsWith('the scope')) {
    let result: PromiseLike<unknown> | undefined;
    await scope(async () => {
      result = trial.word(subject.start(trial).result());
      await sleep(NOW);
    });
    return (await result) as Word;
  }
  if (end.startsWith('the task')) {
    const task = schedule(() => scope(() => subject.start(trial).result()));
    await sleep(NOW);
    task.cancel();
    return trial.word(task);
  }
  const { result, leave: quit, dispose } = subject.start(trial);
  if (end.startsWith('it is left')) return trial.word(quit?.() as PromiseLike<unknown>);
  const word = trial.word(result());
  await sleep(NOW);
  if (end.includes('signal')) trial.controller.abort(why);
  if (end.includes('disposes')) await dispose?.();
  return word;
}

/** Whether a function can be ended so. */
function applies(row: Row, { column, takesList }: Subject): boolean {
  if (row[column] === 'none') return false;
  return takesList !== true || !/source|left|disposes|made/.test(row.end);
}

describe.each(TABLE)('$end', (row) => {
  it.each(SUBJECTS.filter((subject) => applies(row, subject)))('$name', (subject) =>
    virtual(async () => {
      const trial = new Trial(row);

      const word = await outcomeOf(subject, trial);

      const goesOn = row.goOn?.includes(subject.column) === true;
      const source = goesOn && row.source === 'closed' ? 'read on' : row.source;
      expect({ word, source: trial.source, running: trial.running }).toEqual({
        word: row[subject.column],
        source: subject.takesList === true ? 'not opened' : source,
        running: goesOn ? 'go on' : row.running,
      });
    }),
  );
});

describe('docs/flows.md', () => {
  it('has this table', () => {
    const guide = readFileSync(new URL('../../docs/flows.md', import.meta.url), 'utf8');

    for (const row of TABLE) {
      const star = row.goOn === undefined ? '' : ' *';
      const words = COLUMNS.map((column) => PHRASES[row[column]]);
      const cells = [
        row.end,
        ...words,
        `${row.source}${row.source === 'closed' ? star : ''}`,
        `${row.running}${star}`,
      ];
      expect(guide).toContain(`| ${cells.join(' | ')} |`);
    }
  });
});
