/**
 * Sources as programs have them: each kind gives its items in its own way, and can tell afterwards whether it was closed.
 *
 * @module
 */
import { emitted, lines, piped, readable, web } from './host-sources.ts';
import type { Made, Maker, Making } from './making.ts';
import type { Source } from './model.ts';
import { array, bare, catcher, foreigner, sleeper, synchronous, ticks } from './pulled-sources.ts';
import { broadcast, channelOf, queue } from './queue-sources.ts';

const MAKERS: Readonly<Record<Exclude<Source['of'], 'flow'>, Maker>> = {
  array,
  generator: synchronous,
  sleeper,
  catcher,
  foreigner,
  deaf: foreigner,
  bare,
  queue,
  channel: channelOf,
  broadcast,
  every: ticks,
  readable,
  piped,
  web,
  on: emitted,
  readline: lines,
};

/** Makes a source; those that are flows are made by whoever makes flows. */
export function makeSource(making: Making): Made {
  const { of } = making.node;
  if (of === 'flow') throw new TypeError('Expected a source that is no flow');
  const made = MAKERS[of](making);
  return {
    source: made.source,
    which: made.which ?? ((item) => item as number),
    left: made.left ?? (() => undefined),
    drop: made.drop ?? (() => undefined),
  };
}
