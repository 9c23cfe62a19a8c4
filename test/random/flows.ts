/**
 * The functions of `flow`, over all kinds of sources and with all kinds of consumers.
 *
 * @module
 */
import {
  asCompleted,
  type Context,
  collect,
  concurrent,
  type Engine,
  type FlowOptions,
  firstSuccess,
  gather,
  loop,
  map,
  mapStream,
  type Outcome,
  race,
  resolve,
  type Flow as Stream,
  sleep,
} from 'skein';
import { fibers } from 'skein/fiber';
import { Call, type Kind } from './call.ts';
import { judgeFlow } from './flow-judge.ts';
import { FlowRun } from './flow-run.ts';
import { leavesBehind } from './left.ts';
import type { SourceNotes } from './making.ts';
import type { Flow, Source } from './model.ts';
import type { Reading } from './reading.ts';
import { makeSource } from './sources.ts';

/** Engines of this loop. */
export const ENGINES: Readonly<Record<NonNullable<Flow['engine']>, () => Engine>> = {
  loop,
  fibers,
};

/** Between two attempts. */
const PAUSE = 2;

type Thunk = (context: Context) => Promise<unknown>;

/** One call of a function of `flow`. */
export const flow: Kind<Flow> = {
  async run(call) {
    const run = FlowRun.of(call);
    const { source, options, body } = open(call);
    const { signal, onError } = options;
    switch (call.work.call) {
      case 'map':
        return map(source, body, options);
      case 'collect':
        return collect(source as Iterable<Thunk>, workersOf(options));
      case 'gather':
        return gather(source as Thunk[], { signal, onError });
      case 'race':
        return race(source as Thunk[], { signal });
      case 'firstSuccess':
        return firstSuccess(source as Thunk[], { signal });
      default:
        return consume(call, run, streamOf(call, source, options, body));
    }
  },
  judge: judgeFlow,
};

interface Opened {
  readonly source: Iterable<unknown>;
  readonly options: FlowOptions;
  readonly body: (item: unknown, context: Context) => Promise<unknown>;
}

/** Makes all that a flow needs. */
function open(call: Call<Flow>): Opened {
  const { world, work } = call;
  const run = FlowRun.of(call);
  const signal = call.take(work.signal);
  const body = (item: unknown, context: Context): Promise<unknown> => {
    const { index } = context;
    const which = run.which(item);
    if (which !== undefined && which !== index) {
      call.blame('order', `item ${which} came as number ${index}`);
    }
    const part = { as: 'body', place: index, context } as const;
    return run.counting(() => call.do(work.bodies[index % work.bodies.length] as Flow, part));
  };
  const takesFunctions = work.call !== 'map' && work.call !== 'mapStream';
  const item = (i: number): unknown =>
    takesFunctions ? (context: Context) => body(i, context) : i;
  const reading = read(call as unknown as Call, work.source, item);
  run.which = takesFunctions ? (i) => i as number : (each) => reading.made.which(each);
  const { retries, goesOn, shares, timeout, grace, abandon, buffer } = work;
  const options: FlowOptions = {
    concurrency: shares === undefined ? work.concurrency : world.shared[shares],
    timeout,
    grace,
    abandon,
    buffer,
    retry: retries === undefined ? undefined : { retries, backoff: PAUSE },
    onError: goesOn ? 'continue' : undefined,
    engine: work.engine === undefined ? undefined : ENGINES[work.engine](),
    pace: work.paced ? world.shared.pace : undefined,
    signal,
  };
  return { source: reading.made.source as Iterable<unknown>, options, body };
}

/** Makes a source for a call to read. */
export function read(call: Call, node: Source, item: (index: number) => unknown): Reading {
  const { world } = call;
  const notes: SourceNotes = { endedAt: undefined, closedAt: undefined, failed: false };
  const error = new Error(world.fresh('source error '));
  let reading: Reading;
  if (node.flow === undefined) {
    reading = {
      node,
      notes,
      error,
      flow: undefined,
      made: makeSource({ world, node, item, error, notes }),
    };
  } else {
    const inner = new Call<Flow>(world, node.flow, { as: 'source' }, call);
    const { source, options, body } = open(inner);
    const stream = streamOf(inner, source, options, body);
    const made = {
      source: stream,
      which: () => undefined,
      left: () => undefined,
      drop: () => undefined,
    };
    reading = { node, notes, error, flow: inner, made };
  }
  call.sources.push(reading);
  world.made.push(reading.made);
  if (node.of === 'deaf' && leavesBehind(call)) {
    world.deaf.push(() => (reading.made.left() === undefined ? undefined : notes.readBy));
  }
  return reading;
}

function workersOf({ concurrency, buffer, ...rest }: FlowOptions): object {
  return { ...rest, workers: concurrency };
}

/** A flow that is yet to be iterated. */
function streamOf(
  call: Call<Flow>,
  source: Iterable<unknown>,
  options: FlowOptions,
  body: Opened['body'],
): Stream<unknown> {
  const { concurrency, ...rest } = options;
  const thunks = source as Iterable<Thunk>;
  const { order } = call.work;
  if (call.work.call === 'mapStream') return mapStream(source, body, { ...options, order });
  if (call.work.call === 'resolve') return resolve(thunks, workersOf(options));
  if (call.work.call === 'concurrent')
    return concurrent(thunks, { ...rest, limit: concurrency as number });
  const { signal, timeout } = options;
  return asCompleted(thunks, { signal, timeout }) as unknown as Stream<unknown>;
}

/** Takes results as the consumer of the program does. */
async function consume(call: Call<Flow>, run: FlowRun, stream: Stream<unknown>): Promise<unknown> {
  const { how = 'loop', leaves, pause } = call.work.consumer ?? {};
  if (how === 'toArray') {
    for (const value of await stream.toArray()) run.take(value);
    return run.taken;
  }
  if (how === 'forEach') {
    await stream.forEach(async (value) => {
      run.take(value);
      if (pause !== undefined) await sleep(pause);
    });
    return run.taken;
  }
  const results = how === 'settled' ? stream.settled() : stream;
  for await (const result of results as AsyncIterable<unknown | Outcome<unknown>>) {
    run.take(result);
    if (run.taken.length === leaves?.after) {
      run.leave();
      if (leaves.by === 'break') break;
      if (leaves.by === 'throw') throw run.error;
      await Promise.all([stream[Symbol.asyncDispose](), stream[Symbol.asyncDispose]()]);
    } else if (pause !== undefined) await sleep(pause);
  }
  return run.taken;
}
