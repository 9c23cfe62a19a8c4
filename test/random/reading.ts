/**
 * A source and the call that reads it.
 *
 * @module
 */
import type { Call } from './call.ts';
import { leavesBehind } from './left.ts';
import type { Made, SourceNotes } from './making.ts';
import type { Flow, Source } from './model.ts';
import { mayBeStuck } from './stuck.ts';

/** A source that is read. */
export interface Reading {
  readonly node: Source;
  readonly made: Made;
  readonly notes: SourceNotes;
  /** What it fails with. */
  readonly error: Error;
  /** The flow, where it is one. */
  readonly flow: Call<Flow> | undefined;
}

/** Generators and the like fail where they are read; of others it is not known when their failure is seen. */
const READ_AT_ONCE: ReadonlySet<Source['of']> = new Set([
  'generator',
  'sleeper',
  'catcher',
  'foreigner',
  'bare',
]);

/** Whether the failure of a source is seen in the instant in which it happens. */
export function failsWhenRead({ node }: Reading): boolean {
  return READ_AT_ONCE.has(node.of);
}

/** What is read no more has been closed: nobody waits, listens or holds a lock there, and all clean-ups of a generator have run. */
export function judgeClosed(call: Call, reading: Reading): void {
  const { node, made, flow } = reading;
  // Also where the grace of whoever reads it may be shorter than a wait of the source.
  if (mayBeStuck(node) || mayBeStuck(call.work)) return;
  const left = made.left();
  if (left !== undefined) call.blame('source open', `${node.of}: ${left}`);
  if (flow === undefined) return;
  for (const part of flow.parts) {
    if (part.end === undefined)
      call.blame('outlived', `it has ended while ${part.name} is at work`);
  }
  // A flow that was stopped before anybody read it has not opened its source.
  const isOfCopies = call.work.kind === 'copies' && call.part.as !== 'source';
  const readers = isOfCopies ? call.parts.map(({ startedAt }) => startedAt) : [];
  const readAt = Math.min(...(readers.length > 0 ? readers : [flow.startedAt]));
  const stoppedAt = Math.min(flow.abort?.abortedAt ?? Infinity, flow.home.cancelledAt ?? Infinity);
  if (flow.abort?.before === true || stoppedAt <= readAt) return;
  for (const inner of flow.sources) judgeClosed(flow as unknown as Call, inner);
}

/** When it had ended, and all that it has left to its scope. */
export function endsBelow(call: Call): number {
  const { settledAt = -1, parts, sources } = call;
  if (leavesBehind(call)) return settledAt;
  return Math.max(settledAt, ...parts.map(endsBelow), ...sources.map(closedAt));
}

/** When a source that is read no more was closed. */
export function closedAt({ notes, flow }: Reading): number {
  const parts = flow?.parts.map(endsBelow) ?? [];
  const sources = flow?.sources.map(closedAt) ?? [];
  return Math.max(notes.closedAt ?? -1, ...parts, ...sources);
}
