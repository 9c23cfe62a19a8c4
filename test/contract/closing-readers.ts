/**
 * All that reads a source, and what the tests of its closing have in common.
 *
 * @module
 */
import {
  asCompleted,
  collect,
  concurrent,
  type Flow,
  type MaybePromise,
  map,
  mapStream,
  now,
  resolve,
} from 'skein';
import type { Silent, SilentKind } from './silent-kind.ts';

/** What is done with each item, and how the call may be ended. */
export interface Job {
  readonly each: () => MaybePromise<unknown>;
  readonly signal?: AbortSignal | undefined;
  readonly grace: string;
}

/** Something that reads a source. */
export interface Reader {
  readonly name: string;
  /** What it takes: values, or functions to call. */
  readonly takes: 'anything' | 'functions';
  start(source: AsyncIterable<unknown>, job: Job): Promise<unknown>;
  /** The same as a stream, where it is one. */
  stream?(source: AsyncIterable<unknown>, job: Job): Flow<unknown>;
  /** Whether a failed item ends it. */
  readonly stops: boolean;
}

/** How the contract is run. */
export interface ClosingRow {
  /** Runs a test: in virtual time where nothing comes from outside, otherwise as it is. */
  readonly inTime: (body: () => Promise<void>) => Promise<void>;
  /** Virtual time is exact: that something happens at once is then no time at all. */
  readonly isExact: boolean;
  readonly kinds: readonly SilentKind[];
  /** The flows that read them. Default: all. */
  readonly readers?: readonly string[];
}

/** What functions fail with. */
export const boom: Error = new Error('boom');
/** What calls are cancelled with. */
export const why: Error = new Error('why');
/** Nothing here takes its time of grace. */
export const GRACE = '10m' as const;

type Options = { readonly signal?: AbortSignal | undefined; readonly grace: typeof GRACE };
const options = ({ signal }: Job): Options => ({ signal, grace: GRACE });

function streaming(
  name: string,
  takes: Reader['takes'],
  stream: (source: AsyncIterable<unknown>, job: Job) => Flow<unknown>,
): Reader {
  return {
    name,
    takes,
    stops: true,
    stream,
    start: (source, job) => stream(source, job).toArray(),
  };
}

type Thunks = AsyncIterable<() => unknown>;

/** All readers but the copies. */
export const FLOWS: readonly Reader[] = [
  {
    name: 'map',
    takes: 'anything',
    stops: true,
    start: (source, job) => map(source, job.each, options(job)),
  },
  {
    name: "map with onError: 'continue'",
    takes: 'anything',
    stops: false,
    start: (source, job) => map(source, job.each, { ...options(job), onError: 'continue' }),
  },
  {
    name: 'collect',
    takes: 'functions',
    stops: true,
    start: (source, job) => collect(source as Thunks, options(job)),
  },
  streaming('mapStream', 'anything', (source, job) => mapStream(source, job.each, options(job))),
  streaming('mapStream as they come, one at a time', 'anything', (source, job) =>
    mapStream(source, job.each, { ...options(job), order: 'completion', concurrency: 1 }),
  ),
  streaming('a flow over a flow', 'anything', (source, job) =>
    mapStream(
      mapStream(source, (item) => item),
      job.each,
      options(job),
    ),
  ),
  streaming('resolve', 'functions', (source, job) => resolve(source as Thunks, options(job))),
  streaming('concurrent', 'functions', (source, job) => concurrent(source as Thunks, options(job))),
  {
    name: 'settled()',
    takes: 'anything',
    stops: false,
    start: (source, job) => gathered(mapStream(source, job.each, options(job)).settled()),
  },
  {
    name: 'asCompleted',
    takes: 'functions',
    stops: false,
    start: (source, { signal }) => gathered(asCompleted(source as Thunks, { signal })),
  },
  {
    name: 'forEach',
    takes: 'anything',
    stops: true,
    start: (source, job) =>
      mapStream(source, (item) => item, options(job)).forEach(async () => void (await job.each())),
  },
];

async function gathered(source: AsyncIterable<unknown>): Promise<unknown[]> {
  const all: unknown[] = [];
  for await (const each of source) all.push(each);
  return all;
}

/** A source, what is done with its items, and what aborts that. */
export interface Started {
  readonly silent: Silent;
  readonly job: Job;
  readonly controller: AbortController;
}

/** Opens a source with two items; `each` is called for both. */
export async function silentOf(
  kind: SilentKind,
  reader: Pick<Reader, 'takes'>,
  each: () => MaybePromise<unknown> = () => undefined,
): Promise<Started> {
  const controller = new AbortController();
  const items = reader.takes === 'functions' ? [each, each] : ['a', 'b'];
  const silent = await kind.make(items);
  return { silent, controller, job: { each, signal: controller.signal, grace: GRACE } };
}

/** How long it took. */
export async function timed(work: () => PromiseLike<unknown>): Promise<number> {
  const start = now();
  await work();
  return now() - start;
}

/** What a call rejects with, or what it gives. */
export async function caught(work: PromiseLike<unknown>): Promise<unknown> {
  return work.then(
    (value) => ({ resolved: value }),
    (error: unknown) => error,
  );
}

/** What a call rejects with whose `signal` was aborted: the reason, or a Cancelled that carries it. */
export function isAbort(error: unknown, reason: unknown): boolean {
  return error === reason || (error as { readonly reason?: unknown }).reason === reason;
}
