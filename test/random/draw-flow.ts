/**
 * Draws flows and their sources.
 *
 * @module
 */
import type { Hand } from './draw.ts';
import type { Consumer, Flow, Source } from './model.ts';
import { STREAMS } from './sound.ts';

/** What a source can come to. */
const ENDINGS: Readonly<Record<Source['of'], readonly Source['last'][]>> = {
  array: ['end'],
  generator: ['end', 'end', 'fail'],
  sleeper: ['end', 'fail', 'silence'],
  catcher: ['end', 'silence', 'silence'],
  foreigner: ['end', 'fail'],
  deaf: ['silence'],
  bare: ['end', 'fail', 'silence'],
  queue: ['end', 'fail', 'silence', 'silence'],
  channel: ['end', 'fail', 'silence', 'silence'],
  broadcast: ['end', 'silence'],
  every: ['silence'],
  readable: ['end', 'fail', 'silence', 'silence'],
  piped: ['end', 'fail', 'silence', 'silence'],
  web: ['end', 'fail', 'silence', 'silence'],
  on: ['end', 'fail', 'silence', 'silence'],
  readline: ['end', 'silence', 'silence'],
  flow: ['end'],
};

const KINDS = Object.keys(ENDINGS) as Source['of'][];

/** These cannot give functions. */
const OF_VALUES: ReadonlySet<Source['of']> = new Set(['every', 'on', 'readline', 'flow']);

/** Draws a source; only one in forty is deaf, because whoever reads it takes all his grace. */
export function drawSource(hand: Hand, gives: 'values' | 'functions' | 'list'): Source {
  const items = hand.below(5);
  if (gives === 'list' || hand.once(5)) {
    return { kind: 'source', of: 'array', items: Math.max(1, items), gap: 0, last: 'end' };
  }
  let of = hand.of(KINDS);
  if (gives === 'functions' && OF_VALUES.has(of)) of = 'sleeper';
  if (of === 'deaf' && !hand.once(4)) of = 'catcher';
  const gap = of === 'every' ? 3 + hand.below(10) : hand.span();
  const closes =
    of === 'generator' || of === 'sleeper' ? hand.maybe('closes', 8, () => 'badly' as const) : {};
  const source: Source = { kind: 'source', of, items, gap, last: hand.of(ENDINGS[of]), ...closes };
  return of === 'flow'
    ? {
        ...source,
        flow: drawCall(hand, hand.of(['mapStream', 'mapStream', 'resolve', 'concurrent'])),
      }
    : source;
}

const CALLS: readonly Flow['call'][] = [
  'map',
  'map',
  'map',
  'collect',
  'gather',
  'race',
  'firstSuccess',
  'mapStream',
  'mapStream',
  'mapStream',
  'resolve',
  'concurrent',
  'asCompleted',
];

/** Draws a flow. */
export function drawFlow(hand: Hand): Flow {
  const call = hand.of(CALLS);
  const flow = drawCall(hand, call);
  return STREAMS.has(call) ? { ...flow, consumer: drawConsumer(hand, call) } : flow;
}

function drawCall(hand: Hand, call: Flow['call']): Flow {
  const isValues = call === 'map' || call === 'mapStream';
  const isList = call === 'gather' || call === 'race' || call === 'firstSuccess';
  const source = drawSource(hand, isValues ? 'values' : isList ? 'list' : 'functions');
  return {
    kind: 'flow',
    call,
    source,
    bodies: hand.some(1, 2, () => hand.work()),
    ...hand.maybe('signal', 4, () => hand.abort()),
    ...(isList && call !== 'gather' ? {} : hand.maybe('goesOn', 6, () => true as const)),
    ...(isList ? {} : drawOptions(hand, call)),
  };
}

function drawOptions(hand: Hand, call: Flow['call']): Partial<Flow> {
  const timeout = hand.maybe('timeout', 6, () => 1 + hand.span());
  if (call === 'asCompleted') return timeout;
  const concurrency = hand.maybe('concurrency', 2, () => 1 + hand.below(2));
  const shares = hand.of(['semaphore', 'limiter'] as const);
  const isShared = (call === 'map' || call === 'mapStream') && hand.once(6);
  return {
    ...timeout,
    ...(isShared ? { shares } : concurrency),
    ...(call === 'mapStream' ? hand.maybe('buffer', 4, () => hand.below(3)) : {}),
    ...(call === 'mapStream' ? hand.maybe('order', 2, () => 'completion' as const) : {}),
    ...hand.maybe('retries', 6, () => 1),
    ...hand.maybe('engine', 6, () => hand.of(['loop', 'fibers'] as const)),
    ...hand.maybe('paced', 12, () => true as const),
    ...hand.maybe('grace', 12, () => 1 + hand.span()),
  };
}

function drawConsumer(hand: Hand, call: Flow['call']): Consumer {
  const how =
    call === 'asCompleted'
      ? 'loop'
      : hand.of(['loop', 'loop', 'loop', 'toArray', 'forEach', 'settled'] as const);
  const leaves = (): Consumer['leaves'] => ({
    by: hand.of(['break', 'throw', 'dispose']),
    after: 1 + hand.below(3),
  });
  return {
    how,
    ...(how === 'loop' || how === 'settled' ? hand.maybe('leaves', 2, leaves) : {}),
    ...(how === 'toArray' ? {} : hand.maybe('pause', 3, () => hand.span())),
  } as Consumer;
}
