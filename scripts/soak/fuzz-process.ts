/**
 * Messages that no child sends, on the channel, the life line and the ledger of a pool of processes: mutated, forged, cut, or said again.
 * The children are real, but run no program of ours: they pass on whatever this process writes to them, which costs a tenth of a start of
 * Node. A child that has survived a message answers its calls as an honest one would.
 *
 * @module
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeSync } from 'node:fs';
import type { Writable } from 'node:stream';
import { kernel } from '../../src/core/kernel.ts';
import type { LinkEvents } from '../../src/engines/pool/link.ts';
import { PoolEngine } from '../../src/engines/pool/pool-engine.ts';
import { planPool } from '../../src/engines/pool/pool-options.ts';
import { Ledger } from '../../src/engines/process/ledger.ts';
import { ProcessLink } from '../../src/engines/process/process-link.ts';
import {
  END,
  FORM,
  MARK,
  RUN_WORDS,
  TO_CHILD,
  TO_POOL,
} from '../../src/engines/process/protocol.ts';
import { unseal } from '../../src/engines/process/seal.ts';
import {
  corrupted,
  frame,
  generator,
  honest,
  line,
  mutated,
  odd,
  type Random,
} from './fuzz-messages.ts';

/** What came of it. */
export interface Fuzzed {
  readonly messages: number;
  /** Children that were ended for what they said. */
  readonly condemned: number;
  /** What should not be. */
  readonly wrong: readonly string[];
}

/** Calls that have no end after so long are aborted. */
const STUCK_MS = 300;

/** Lives longer than a child should that has said something odd. */
const PATIENCE_MS = 10_000;

/** A child that passes on what is written to it. */
class Puppet {
  readonly child: ChildProcess;
  readonly ledger: Ledger;
  readonly #inner: Ledger;
  readonly #said: Buffer[] = [];
  readonly hasLife: boolean;
  isGone = false;

  constructor(hasLife: boolean) {
    this.hasLife = hasLife;
    this.ledger = Ledger.create() as Ledger;
    this.#inner = Ledger.inherited(this.ledger.fd, this.ledger.secret) as Ledger;
    const { fd } = this.ledger;
    // With a life line it takes two programs.
    this.child = hasLife
      ? spawn('sh', ['-c', 'cat <&6 >&4 3>&- & exec cat >&3 4>&-'], {
          stdio: ['pipe', 'inherit', 'inherit', 'ipc', 'pipe', fd, 'pipe'],
          serialization: 'advanced',
        })
      : spawn('cat', [], {
          stdio: ['pipe', 'ipc', 'inherit', 'ignore', 'pipe', fd],
          serialization: 'advanced',
        });
    for (const stream of this.#streams) stream.on('error', () => undefined);
    this.child.once('exit', () => {
      this.isGone = true;
      for (const stream of this.#streams) stream.destroy();
    });
  }

  get #streams(): Writable[] {
    const { stdio } = this.child;
    return [stdio[0], (stdio as readonly unknown[])[6]].filter(
      (stream) => stream != null,
    ) as Writable[];
  }

  say(bytes: Buffer): void {
    this.#said.push(bytes);
    this.#streams[0]?.write(bytes);
  }

  sayByLife(bytes: Buffer): void {
    this.#streams[1]?.write(bytes);
  }

  /** Something that it has said before. */
  again(random: Random): Buffer {
    return this.#said[random(this.#said.length)] ?? Buffer.alloc(0);
  }

  note(from: number, to: number, at: number): void {
    this.#inner.write(from, to, at);
  }
}

/** What is written to one child, and by which way. */
function attack(puppet: Puppet, seq: number, random: Random): string {
  const message =
    random(8) === 0 ? honest(seq + random(5), random) : mutated(honest(seq, random), random);
  const ways: readonly (readonly [string, () => void])[] = [
    ['a message', () => puppet.say(frame(message))],
    ['a message', () => puppet.say(frame(message))],
    [
      'two messages',
      () =>
        puppet.say(Buffer.concat([frame(message), frame(mutated(honest(seq, random), random))])),
    ],
    ['bytes', () => puppet.say(corrupted(frame(message), random))],
    ['a message again', () => puppet.say(puppet.again(random))],
    ['a text', () => puppet.say(Buffer.from('something for a log\n'))],
    ['a value', () => puppet.say(frame(odd(random)))],
    ['the ledger', () => tamper(puppet, random)],
  ];
  const [name, write] = ways[random(ways.length)] as (typeof ways)[number];
  if (puppet.hasLife && random(2) === 0) {
    const said = mutated(['', [[seq], 0], [[], 1], [[seq + 1], 0]][random(4)] as unknown[], random);
    puppet.sayByLife(random(2) === 0 ? line(said) : corrupted(line(said), random));
    return 'the life line';
  }
  write();
  return name;
}

function tamper(puppet: Puppet, random: Random): void {
  const odds = [
    0,
    1,
    -1,
    0.5,
    7,
    4096,
    1e300,
    -1e300,
    2 ** 53,
    Number.NaN,
    Number.POSITIVE_INFINITY,
  ];
  const words = Float64Array.from({ length: 4 }, () => odds[random(odds.length)] as number);
  writeSync(puppet.ledger.fd, new Uint8Array(words.buffer), 0, 32, 0);
  // It tells nobody before its death.
  puppet.child.kill('SIGKILL');
}

/** The calls that a message brings: number and argument of each. */
function callsIn(message: readonly unknown[]): [number, unknown][] {
  if (message[1] !== TO_CHILD.calls) return [];
  const runs = unseal(message[3] as unknown[]);
  const calls: [number, unknown][] = [];
  for (let i = 0; i < runs.length; i += RUN_WORDS) {
    const [form, , seq] = runs.slice(i) as [number, number, number];
    for (const [at, item] of (runs[i + 6] as unknown[]).entries()) {
      const order = item as readonly unknown[] | { readonly values: readonly unknown[] };
      const values =
        form === FORM.values
          ? [item]
          : Array.isArray(order)
            ? order
            : (order as { values: unknown[] }).values;
      calls.push([seq + at, values[0]]);
    }
  }
  return calls;
}

/** So many calls of a pool at a time. */
const CALLS = 4;

/** A child says up to so many such things one after another. */
const TOGETHER = 4;

/** After so many rounds a child is replaced: nobody reads what is sent to it. */
const LONGEST_LIFE = 50;

/**
 * Sends so many messages to a pool, and sees what becomes of it.
 *
 * @param seed of everything that is random
 */
export async function fuzzProcesses(seed: number, messages: number): Promise<Fuzzed> {
  const random = generator(seed);
  const wrong: string[] = [];
  const puppets = new Set<Puppet>();
  let current: Puppet | undefined;
  let started = 0;
  let armed = 0;
  let last: string[] = [];

  const start = (events: LinkEvents): ProcessLink => {
    const puppet = new Puppet(random(12) === 0);
    current = puppet;
    started++;
    puppets.add(puppet);
    puppet.child.once('exit', () => puppets.delete(puppet));
    const send = puppet.child.send.bind(puppet.child) as (...args: unknown[]) => boolean;
    puppet.child.send = ((message: unknown[], ...rest: unknown[]) => {
      const isSent = send(message, ...rest);
      // As a child would, when it has read it.
      setImmediate(() => {
        for (const [seq, value] of callsIn(message)) {
          puppet.note(seq, seq + 1, 1);
          last = [];
          // After one that ends it, a body may go on to speak.
          for (; armed > 0; armed--) last.push(attack(puppet, seq, random));
          const outcome = [END.value, seq, [(value as number) + 1]];
          puppet.say(frame([MARK, TO_POOL.outcomes, 0.02, false, ...outcome]));
        }
      });
      return isSent;
    }) as ChildProcess['send'];
    const link = new ProcessLink(puppet.child, puppet.ledger, events, 20);
    puppet.say(frame([MARK, TO_POOL.ready, true]));
    return link;
  };

  const unhandled = (error: unknown): void => {
    wrong.push(`unhandled after ${last}: ${(error as Error)?.stack ?? String(error)}`);
  };
  process.on('unhandledRejection', unhandled);
  process.on('uncaughtException', unhandled);
  const engine = new PoolEngine(
    'processes',
    planPool({ size: 1, grace: 20 }, 'fuzz'),
    start as never,
  );
  const outside = kernel.outside;
  let condemned = 0;
  try {
    for (let done = 0, life = 0; done < messages; life++) {
      const before = started;
      armed = 1 + random(TOGETHER);
      done += armed;
      const controller = new AbortController();
      const { signal } = controller;
      const ends: number[] = new Array(CALLS).fill(0);
      const calls = ends.map((_, i) => {
        const shares = i === 0 && random(3) === 0;
        const call = shares
          ? engine.submit(plusShared, [i, (n: number) => n], { signal })
          : engine.submit(plus, [i], { signal });
        return call.then(
          // A forged value is one: a body that lies, lies about itself.
          () => {
            ends[i] = (ends[i] ?? 0) + 1;
          },
          (error: Error & { readonly code?: string }) => {
            ends[i] = (ends[i] ?? 0) + 1;
            if (!isAllowed(error)) wrong.push(`call ${i} failed after ${last}: ${error.stack}`);
          },
        );
      });
      // Bytes that begin a message have the host wait for its end: that is a body which never ends, and can be stopped like one.
      const all = Promise.all(calls);
      const isSoon = await inTime(all, STUCK_MS);
      if (!isSoon) controller.abort();
      const isOver = isSoon || (await inTime(all));
      if (!isOver || ends.some((times) => times !== 1))
        wrong.push(`ends ${ends.join()} after ${last}, message ${done}`);
      if (!isOver) break;
      if (kernel.outside !== outside)
        wrong.push(`${kernel.outside - outside} calls are counted as open after ${last}`);
      if (started > before) {
        condemned += started - before;
        life = 0;
      } else if (life >= LONGEST_LIFE) {
        life = 0;
        current?.child.kill('SIGKILL');
      }
      if (wrong.length > 20) break;
    }
    if ((await inTime(engine.submit(plus, [41], {}))) !== true)
      wrong.push('the next call has no end');
  } finally {
    await inTime(Promise.resolve(engine[Symbol.asyncDispose]()));
    for (const puppet of puppets) {
      if (!puppet.isGone && !(await inTime(once(puppet.child, 'exit'))))
        wrong.push('a child is left');
    }
    process.off('unhandledRejection', unhandled);
    process.off('uncaughtException', unhandled);
  }
  if (({} as { polluted?: unknown }).polluted !== undefined)
    wrong.push('Object.prototype is polluted');
  return { messages, condemned, wrong };
}

function plus(n: number): number {
  return n + 1;
}

function plusShared(n: number, _: (n: number) => number): number {
  return n + 1;
}

const CODES: ReadonlySet<unknown> = new Set(['ERR_WORKER_DIED', 'ERR_UNCLONABLE']);

function isAllowed(error: unknown): boolean {
  // What was forged as thrown may be anything.
  return (
    !(error instanceof Error) ||
    CODES.has((error as { code?: unknown }).code) ||
    !/\bsrc\/engines\b/.test(`${error.stack}`.split('\n')[1] ?? '')
  );
}

async function inTime(promise: Promise<unknown>, ms: number = PATIENCE_MS): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(resolve, ms, false);
  try {
    return await Promise.race([
      promise.then(
        () => true,
        () => true,
      ),
      late,
    ]);
  } finally {
    clearTimeout(timer);
  }
}
