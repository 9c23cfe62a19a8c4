/**
 * The door of threads under fire: a pool whose workers forge, mutate, truncate and replay messages and write to the shared memory. Whatever
 * they say, the pool goes on, nothing is thrown where nobody catches it, and each call has an outcome.
 *
 * @module
 */

import { generateIn } from '../../../src/engines/pool/generate.ts';
import { PoolEngine } from '../../../src/engines/pool/pool-engine.ts';
import { planPool } from '../../../src/engines/pool/pool-options.ts';
import { ThreadLink } from '../../../src/engines/thread/thread-link.ts';
import { limiter } from '../../../src/pace/limiter.ts';
import { channel } from '../../../src/sync/channel.ts';
import { Queue } from '../../../src/sync/queue.ts';
import { Adversary, type Malice } from './thread-adversary.ts';
import { randomFrom } from './thread-mutations.ts';

/** What came of it. */
export interface Report {
  readonly messages: number;
  readonly words: number;
  readonly workers: number;
  readonly calls: number;
  /** Outcomes, by what they were: `value`, or the name of the error. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** What must not have happened. */
  readonly faults: readonly string[];
}

/** Milliseconds in which every call of a round must have ended. */
const PATIENCE = 20_000;

/** Runs calls until so many messages were forged. */
export async function fuzzThreads(messages: number, seed: number): Promise<Report> {
  const malice: Malice = { random: randomFrom(seed), isQuiet: false, messages: 0, words: 0 };
  const faults: string[] = [];
  const failed = Promise.withResolvers<boolean>();
  const fault = (error: unknown): void => {
    faults.push(String((error as Error)?.stack ?? error));
    failed.resolve(false);
  };
  const inTime = (work: PromiseLike<unknown>): Promise<boolean> => within(work, failed.promise);
  process.on('uncaughtException', fault);
  process.on('unhandledRejection', fault);
  let workers = 0;
  let calls = 0;
  const outcomes: Record<string, number> = {};
  const plan = planPool({ size: 2, grace: 20 }, 'threads');
  const engine = new PoolEngine('threads', plan, (events) => {
    workers++;
    return new ThreadLink((board) => new Adversary(board, malice), events, plan.grace);
  });
  try {
    while (malice.messages < messages && faults.length === 0) {
      const round = callsOf(engine).map(async (call) => {
        calls++;
        const outcome = await call.then(
          () => 'value',
          // A name may be forged, too.
          (error: unknown) => (error instanceof Error ? error.name.slice(0, 20) : 'thrown'),
        );
        outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
      });
      if (!(await inTime(Promise.all(round)))) {
        faults.push(`pending after ${malice.messages} messages: ${JSON.stringify(engine)}`);
        break;
      }
      malice.isQuiet = true;
      for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
      const next = engine.submit((n: number) => n + 1, [41], {});
      const last = (await inTime(next.catch(() => undefined)))
        ? await next.catch((error: unknown) => error)
        : 'pending';
      if (last !== 42) {
        faults.push(`the next call after ${malice.messages} messages: ${String(last)}`);
      }
      malice.isQuiet = false;
    }
    malice.isQuiet = true;
    if (faults.length === 0 && !(await inTime(engine[Symbol.asyncDispose]()))) {
      faults.push('not disposed');
    }
  } finally {
    await new Promise((resolve) => setImmediate(resolve));
    process.off('uncaughtException', fault);
    process.off('unhandledRejection', fault);
  }
  return { messages: malice.messages, words: malice.words, workers, calls, outcomes, faults };
}

/** Whether it ends in time, and before anything has failed. */
async function within(work: PromiseLike<unknown>, failed: Promise<boolean>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, PATIENCE, false);
  });
  try {
    return await Promise.race([Promise.resolve(work).then(() => true), late, failed]);
  } finally {
    clearTimeout(timer);
  }
}

/** Calls of all kinds. The bodies never run: what they give is what an adversary says. */
function callsOf(engine: PoolEngine): Promise<unknown>[] {
  const queue = new Queue<unknown>({ max: 4 });
  const [sender, receiver] = channel<unknown>(64);
  const limit = limiter({ concurrency: 2 });
  const shares: unknown[][] = [
    [(n: number) => n],
    [queue],
    [[1, 2, 3].values()],
    [limit],
    [sender],
    [(n: number) => Promise.resolve({ n }), queue],
  ];
  const calls = shares.map((args) => engine.submit(takes, args, {}));
  for (let n = 0; n < 6; n++) calls.push(engine.submit((from: number) => from + 1, [n], {}));
  for (let n = 0; n < 4; n++) calls.push(engine.submit((from: { n: number }) => from, [{ n }], {}));
  calls.push(engine.submit((from: { n: number }) => from, [{ n: 1 }], { timeout: 5 }));
  calls.push(collected(engine, 0), collected(engine, 4));
  return calls.map((call) => call.finally(() => receiver.close()));
}

function takes(...all: unknown[]): unknown {
  return all;
}

async function collected(engine: PoolEngine, prefetch: number): Promise<unknown> {
  const values: unknown[] = [];
  for await (const value of generateIn(engine, { prefetch, grace: 20 }, count)) {
    if (values.push(value) > 5) break;
  }
  return values;
}

function* count(): Generator<number> {
  for (let n = 0; n < 3; n++) yield n;
}
