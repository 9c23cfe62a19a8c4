/**
 * The engine contract must fail: an engine with one fault is caught by the case that names it.
 *
 * @module
 */
import { type Call, detached, type Engine, loop, Semaphore, scope } from 'skein';
import { type EngineContractOptions, engineContract } from 'skein/testing';
import { describe, expect, it } from 'vitest';

type Body = (...all: unknown[]) => unknown;
type Submit = (fn: Body, args: readonly unknown[], call: Call) => Promise<unknown>;

const right: Submit = (fn, args, call) => loop().submit(fn, args, call);

function engineOf(submit: Submit, dispose: () => Promise<void> = async () => undefined): Engine {
  return {
    name: 'mutant',
    capacity: 4,
    submit: submit as unknown as Engine['submit'],
    [Symbol.asyncDispose]: dispose,
  };
}

/** Runs the cases whose name starts so; gives the names of those that fail. What a faulty engine leaves behind is cancelled. */
async function failing(
  make: () => Engine,
  lacks: EngineContractOptions['lacks'],
  start: string,
): Promise<string[]> {
  return scope(async (s) => {
    const failed: string[] = [];
    for (const { name, skip, run } of engineContract(make, { lacks, limit: 700 })) {
      if (skip === undefined && name.startsWith(start)) await run().catch(() => failed.push(name));
    }
    s.cancel();
    return failed;
  });
}

const inPlace = { copies: '-', queues: '-', kills: '-', closes: '-' };
const until: string[] = [];

const FAULTS: readonly [fault: string, submit: Submit, caughtBy: string][] = [
  [
    'drops the index',
    (fn, args, { index, ...call }) => right(fn, args, call),
    'gives the body a context',
  ],
  [
    'drops the extras',
    (fn, args, { extras, ...call }) => right(fn, args, call),
    'adds further fields',
  ],
  [
    'drops undefined arguments',
    (fn, args, call) =>
      right(
        fn,
        args.filter((it) => it !== undefined),
        call,
      ),
    'passes any number of arguments',
  ],
  [
    'passes JSON',
    async (fn, args, call) => right(fn, JSON.parse(JSON.stringify(args)) as unknown[], call),
    'passes a value both ways: date',
  ],
  [
    'makes errors anew',
    (fn, args, call) =>
      right(fn, args, call).catch((error: Error) => {
        throw new Error(error.message, { cause: error });
      }),
    'an error keeps its registered class',
  ],
  [
    'wraps the reason of a signal',
    (fn, args, call) =>
      right(fn, args, call).catch((error: unknown) => {
        throw call.signal?.aborted === true ? new Error('aborted', { cause: error }) : error;
      }),
    'a call whose signal aborts rejects with the reason of the signal: a text',
  ],
  [
    'starts in a cancelled scope',
    (fn, args, call) => detached(() => right(fn, args, call)),
    'submitted in a cancelled scope',
  ],
  [
    'takes null for no error',
    (fn, args, call) =>
      right(fn, args, call).catch((error: unknown) => {
        if (error !== null) throw error;
        return null;
      }),
    'what is thrown and no error is thrown as it is',
  ],
  [
    'runs again what failed',
    (fn, args, call) => right(fn, args, call).catch(() => right(fn, args, call)),
    'map: no retry, no second attempt',
  ],
  [
    'is deaf to its signal',
    (fn, args, { signal, ...call }) => right(fn, args, call),
    'cancelled while it runs: its signal fires',
  ],
  [
    'has no time-outs',
    (fn, args, { timeout, ...call }) => right(fn, args, call),
    'a time-out cancels the body',
  ],
  [
    'does not wait for the end of what was cancelled',
    (fn, args, call) =>
      new Promise((resolve, reject) => {
        call.signal?.addEventListener('abort', () => reject(new Error('cancelled')), {
          once: true,
        });
        right(fn, args, call).then(resolve, reject);
      }),
    'the call of a cancelled body settles when the body has ended',
  ],
  [
    'leaves its listener',
    (fn, args, call) => {
      call.signal?.addEventListener('abort', () => until.push('abort'));
      return right(fn, args, call);
    },
    'an abort after the end changes nothing',
  ],
  [
    'throws instead of rejecting',
    (fn, args, call) => {
      if (typeof fn !== 'function')
        throw new TypeError(`Expected fn to be a function: got '${fn}'`);
      return right(fn, args, call);
    },
    'wrong use is an immediate error: a function that is none',
  ],
];

/** An engine with a line, over copies of what it gets. */
class LineEngine implements Engine {
  readonly name = 'line';
  readonly capacity: number;
  readonly #places: Semaphore;
  readonly #open = new Set<Promise<unknown>>();
  readonly #fault: string;
  #closed = false;

  constructor(size: number, fault: string) {
    this.capacity = size;
    this.#places = new Semaphore(fault === 'crowd' ? size + 1 : size);
    this.#fault = fault;
  }

  submit<A extends readonly unknown[], R>(fn: unknown, args: A, call: Call): Promise<R> {
    if (this.#closed && this.#fault !== 'open for ever') {
      return Promise.reject(new Error('line is closed: make a new one'));
    }
    const result = this.#run(fn as Body, args, call);
    this.#open.add(result);
    const done = (): void => void this.#open.delete(result);
    result.then(done, done);
    return result as Promise<R>;
  }

  async #run(fn: Body, args: readonly unknown[], call: Call): Promise<unknown> {
    if (this.#fault === 'time-out from the call')
      return right(() => this.#inLine(fn, args, {}), [], call);
    return this.#inLine(fn, args, call);
  }

  async #inLine(fn: Body, args: readonly unknown[], call: Call): Promise<unknown> {
    const sent = this.#fault === 'shares' ? args : structuredClone([...args]);
    // Who comes second while all wait goes first.
    if (this.#fault === 'disorder')
      await new Promise((resolve) => setTimeout(resolve, sent.length % 7));
    const bounds =
      this.#fault === 'keeps the cancelled' || call.signal === undefined
        ? {}
        : { signal: call.signal };
    const lease = await this.#places.acquire(1, bounds);
    try {
      return await right(fn, sent, this.#fault === 'keeps the cancelled' ? {} : call);
    } finally {
      lease.release();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    if (this.#fault === 'leaves') return;
    while (this.#open.size > 0) await Promise.allSettled(this.#open);
  }
}

const LINE_FAULTS: readonly [fault: string, caughtBy: string][] = [
  ['crowd', 'never has more bodies at work than its capacity'],
  ['time-out from the call', 'a time-out counts from the start of the body'],
  ['shares', 'copies arguments'],
  ['keeps the cancelled', 'cancelled in line'],
  ['open for ever', 'what is submitted after disposal'],
  ['leaves', 'dispose waits for what runs'],
];

/** The size that a case asks for. */
function sizeFor(name: string): number {
  return /^(?:a time-out|cancelled in|dispose)/.test(name) ? 1 : 2;
}

describe('the contract catches an engine that', () => {
  it.each(FAULTS)('%s', async (_, submit, caughtBy) => {
    expect(await failing(() => engineOf(submit), inPlace, caughtBy)).toEqual([
      expect.stringContaining(caughtBy),
    ]);
  });

  it.each(LINE_FAULTS)('has a line and the fault: %s', async (fault, caughtBy) => {
    expect(
      await failing(() => new LineEngine(sizeFor(caughtBy), fault), { kills: '-' }, caughtBy),
    ).toEqual([expect.stringContaining(caughtBy)]);
  });

  it.each(LINE_FAULTS)('and passes one without it: %s', async (_, caughtBy) => {
    expect(
      await failing(() => new LineEngine(sizeFor(caughtBy), 'none'), { kills: '-' }, caughtBy),
    ).toEqual([]);
  });
});

describe('the contract', () => {
  it('names the reason of what it skips', () => {
    const cases = engineContract(() => loop(), {
      lacks: { kills: 'it cannot' },
      skip: { 'map:': 'no flows today' },
    });

    const reasons = new Set(cases.map(({ skip }) => skip));
    expect(reasons).toEqual(new Set([undefined, 'it cannot', 'no flows today']));
  });

  it('has a different name for each case', () => {
    const names = engineContract(() => loop()).map(({ name }) => name);

    expect(names).toHaveLength(new Set(names).size);
  });

  it('refuses what it does not know', () => {
    expect(() => engineContract('loop' as unknown as () => Engine)).toThrow(TypeError);
    expect(() =>
      engineContract(() => loop(), {
        lacks: { speed: 'slow' } as unknown as Record<'kills', string>,
      }),
    ).toThrow(/speed/);
  });
});
