/**
 * Copies of one body that share a source, and what their caller does with the waiter.
 *
 * @module
 */
import { type CopyContext, concurrently, UnhandledErrors, type Waiter } from 'skein';
import { Call, type Kind } from './call.ts';
import {
  aborted,
  type Cause,
  cancelled,
  decide,
  gives,
  judgeListeners,
  lastOf,
  throws,
} from './causes.ts';
import { read } from './flows.ts';
import type { Copies } from './model.ts';
import { closedAt, judgeClosed, type Reading } from './reading.ts';
import { mayBeStuck } from './stuck.ts';

/** `concurrently`. */
export const copies: Kind<Copies> = {
  async run(call) {
    const { world, work } = call;
    call.abort = work.signal && world.abort(work.signal);
    const reading = read(call as unknown as Call, work.source, (i) => i);
    const ledger = new Ledger();
    const { source } = reading.made;
    const options = { source, signal: call.abort?.signal, grace: work.grace };
    const waiter = concurrently<unknown>(work.copies, options, (context) => {
      const { index, signal } = context;
      const part = { as: 'body', place: index, context: { signal, attempt: 1 } } as const;
      const copy = new Call<Copies>(world, work, part, call as unknown as Call);
      return copy.record(
        () => ledger.copy(copy, context),
        () => undefined,
      );
    });
    world.audits.push(() => audit(call, reading, waiter, ledger));
    return ends[work.end](call, waiter);
  },

  judge(call) {
    const { end } = call.work;
    const outer = cancelled(call);
    if (end === 'forget') return;
    const runsOn =
      call.parts.length < call.work.copies || call.parts.some(({ end }) => end === undefined);
    const stops = end === 'stop' || end === 'dispose';
    const [reading] = call.sources as [Reading];
    // Who is cancelled waits no longer; the copies are ended by their scope.
    if (outer.length > 0 && !stops) {
      const perhaps = runsOn
        ? []
        : verdicts(call, -1).map((cause) => ({ ...cause, at: -1, sure: false }));
      decide(call, [...outer, ...perhaps], -1);
      return;
    }
    judgeListeners(call);
    if (call.parts.length > 0) judgeClosed(call as unknown as Call, reading);
    const over = Math.max(
      call.startedAt + (stops ? call.work.after : 0),
      lastOf(call.parts),
      closedAt(reading),
    );
    decide(call, verdicts(call, over), over);
  },
};

/** What the caller does. */
const ends: Readonly<Record<Copies['end'], (call: Call<Copies>, waiter: Waiter) => Promise<void>>> =
  {
    wait: (_call, waiter) => waiter(),
    failHard: (_call, waiter) => waiter({ failHard: true }),
    async stop({ world, work }, waiter) {
      await world.later(work.after);
      await waiter.stop();
    },
    async dispose({ world, work }, waiter) {
      await world.later(work.after);
      await Promise.all([waiter[Symbol.asyncDispose](), waiter[Symbol.asyncDispose]()]);
    },
    forget: async () => undefined,
  };

/** How the caller learns of the end of all copies. */
function verdicts(call: Call<Copies>, over: number): Cause[] {
  const { work } = call;
  const failures = call.parts.filter((copy) => copy.failed && !copy.interrupted);
  const errors = failures.map(({ error }) => error);
  const perhaps = call.parts.filter((copy) => copy.failed).map(({ error }) => error);
  // The waiter is the only one who could be told of it.
  const [reading] = call.sources as [Reading];
  const closing = reading.notes.closedBadly === true ? [reading.error] : [];
  const nothing = gives(over, 'nothing', () => true);
  if (work.end === 'stop') return [nothing];
  if (failures.length > 0) {
    if (work.end === 'failHard') {
      const first = Math.min(...failures.map(({ settledAt = -1 }) => settledAt));
      const may = failures.filter(({ settledAt }) => settledAt === first);
      return [throws(over, 'the first error', (e) => may.some(({ error }) => error === e))];
    }
    const fits = (e: unknown): boolean =>
      e instanceof UnhandledErrors && holds(e.errors, errors, [...perhaps, ...closing]);
    return [throws(over, 'all errors of the copies', fits)];
  }
  if (closing.length > 0) {
    const fits = (e: unknown): boolean =>
      e instanceof UnhandledErrors
        ? holds(e.errors, closing, [...perhaps, ...closing])
        : work.end === 'failHard' && e === closing[0];
    return [throws(over, 'the error of closing the source', fits)];
  }
  if (work.end === 'dispose') return [nothing];
  const short = call.parts.length < work.copies || perhaps.length > 0;
  const stops = aborted(call).map((cause) => ({ ...cause, at: over }));
  return stops.length === 0 || !short ? [nothing] : stops;
}

function holds(
  errors: readonly unknown[],
  must: readonly unknown[],
  may: readonly unknown[],
): boolean {
  return must.every((each) => errors.includes(each)) && errors.every((each) => may.includes(each));
}

/** Which copy had which item. */
class Ledger {
  readonly given: unknown[] = [];
  readonly done: unknown[] = [];

  async copy(copy: Call<Copies>, { items, signal }: CopyContext<unknown>): Promise<void> {
    for await (const item of items) {
      this.given.push(item);
      await copy.do(copy.work.each, {
        as: 'body',
        place: this.given.length - 1,
        context: { signal, attempt: 1 },
      });
      this.done.push(item);
    }
  }
}

/** When all is over: every item that was taken from the source went to one copy, and is done or said to be unfinished. */
function audit(
  call: Call<Copies>,
  reading: Reading,
  waiter: Waiter,
  { given, done }: Ledger,
): void {
  if (waiter.exceptions.length > 0) call.world.mayWarn = true;
  if (mayBeStuck(call.work)) return;
  if (call.parts.some(({ end }) => end === undefined))
    call.blame('outlived', 'copies are at work at the end of all');
  const wasJudged =
    call.end !== undefined && call.work.end !== 'forget' && call.home.cancelledAt === undefined;
  if (call.parts.length > 0 && !wasJudged) judgeClosed(call as unknown as Call, reading);
  const unfinished = waiter.unfinished.map(({ item }) => item);
  const all = [...new Set([...done, ...unfinished])];
  // Values of a flow may be the same.
  if (reading.flow === undefined && new Set(given).size < given.length)
    call.blame('twice', 'an item went to two copies');
  if (reading.flow === undefined && new Set(unfinished).size < unfinished.length)
    call.blame('twice', 'an item is unfinished twice');
  const lost = given.filter((item) => !all.includes(item));
  if (lost.length > 0) call.blame('lost', `${lost.length} items are neither done nor unfinished`);
  const numbers = all.map((item) => reading.made.which(item)).filter((n) => n !== undefined);
  const isPrefix = numbers.length === 0 || Math.max(...numbers) === numbers.length - 1;
  if (!isPrefix)
    call.blame('lost', `of the items that were taken only ${numbers.toSorted()} are known`);
  const { node } = reading;
  const went = call.parts.length > 0 && call.parts.every(({ failed }) => !failed);
  const ended = node.last === 'end' && node.of !== 'every' && node.of !== 'flow';
  if (
    went &&
    ended &&
    call.end !== undefined &&
    !call.failed &&
    call.work.end === 'wait' &&
    numbers.length < node.items
  ) {
    call.blame('cut short', `${numbers.length} of ${node.items} items were done`);
  }
}
