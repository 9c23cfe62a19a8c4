/**
 * The soak: many tasks on threads and on processes while a worker is killed every 50 ms, and then the books are balanced. Every task
 * records its own start outside the pool, so that "run twice" and "lost" are measured and not believed.
 *
 * `npm run soak -- [threads|processes|both] [tasks] [seed]`, `npm run soak -- reader [functions] [seed]`: see soak/reader.ts,
 * `npm run soak -- growth [uses]`: see soak/growth.ts, and `npm run soak -- fuzz [messages] [seed]` for what no worker says.
 *
 * @module
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as skein from '../src/index.ts';
import { type Fuzzed, fuzzProcesses } from './soak/fuzz-process.ts';
import { soakThreadDoor } from './soak/fuzz-thread.ts';
import { soakGrowth } from './soak/growth.ts';
import { type Hunter, huntProcesses, huntThreads } from './soak/hunter.ts';
import { soakReader } from './soak/reader.ts';
import { busy, type Ledger, later } from './soak/soak-tasks.ts';

const [, , which = 'both', tasksText = '100000', seedText = String(Date.now() % 1e9)] =
  process.argv;
const TASKS = Number(tasksText);
const KILL_EVERY_MS = 50;
const OUTSTANDING = 20_000;
const SIZE = 2;

let state = Number(seedText) >>> 0;
/** A number from 0 up to, and not including, `below`. */
function random(below: number): number {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return Math.floor((state / 2 ** 32) * below);
}

type End =
  | { readonly kind: 'value'; readonly value: number }
  | { readonly kind: 'error'; readonly error: Failure };
type Failure = Error & { readonly code?: string; readonly state?: string };

interface Books {
  readonly ends: (End | undefined)[];
  readonly settledTwice: number;
  readonly cancelled: ReadonlySet<number>;
  readonly starts: Int32Array;
  readonly kills: number;
}

async function soak(
  engine: skein.Engine,
  hunter: Hunter,
  starts: () => Int32Array,
): Promise<Books> {
  const ends: (End | undefined)[] = new Array(TASKS).fill(undefined);
  const cancelled = new Set<number>();
  let settledTwice = 0;
  let open = 0;
  let kills = 0;
  let wake: () => void = () => undefined;
  const killer = setInterval(() => {
    if (hunter.kill(random)) kills++;
  }, KILL_EVERY_MS);

  const end = (index: number, how: End): void => {
    if (ends[index] !== undefined) settledTwice++;
    ends[index] = how;
    open--;
    wake();
  };
  const submit = (index: number): void => {
    open++;
    const call = random(50) === 0 ? cancelSometime(index) : {};
    const result: Promise<number> =
      random(10) === 0
        ? engine.submit(later, [{ index, ms: random(2) }], call).then(({ value }) => value)
        : engine.submit(busy, [index, random(40)], call);
    result.then(
      (value) => end(index, { kind: 'value', value }),
      (error: Failure) => end(index, { kind: 'error', error }),
    );
  };
  const cancelSometime = (index: number): { signal: AbortSignal } => {
    const controller = new AbortController();
    cancelled.add(index);
    setTimeout(() => controller.abort(), random(500));
    return { signal: controller.signal };
  };

  let next = 0;
  let quiet = performance.now();
  let before = -1;
  while (next < TASKS || open > 0) {
    const burst = Math.min(TASKS - next, OUTSTANDING - open, 1 + random(5000));
    for (let i = 0; i < burst; i++) submit(next++);
    await new Promise<void>((resolve) => {
      wake = resolve;
      setTimeout(resolve, 5);
    });
    if (open !== before) quiet = performance.now();
    before = open;
    if (process.env.SOAK_PROGRESS) console.error(next, open, kills, hunter.alive);
    // Whoever makes no progress for so long has lost something: the books will say what.
    if (performance.now() - quiet > 20_000) break;
  }
  clearInterval(killer);
  return { ends, settledTwice, cancelled, starts: starts(), kills };
}

function count(
  ends: readonly (End | undefined)[],
  test: (end: End | undefined, i: number) => boolean,
): number {
  return ends.reduce((sum, end, i) => sum + (test(end, i) ? 1 : 0), 0);
}

const isError = (end: End | undefined, test: (error: Failure) => boolean): boolean =>
  end?.kind === 'error' && test(end.error);

/** The books: what must be 0, and what is told for the record. */
function balance({ ends, settledTwice, cancelled, starts, kills }: Books, perKill: number) {
  const died = (state: string) =>
    count(ends, (end) =>
      isError(end, ({ code, state: s }) => code === 'ERR_WORKER_DIED' && s === state),
    );
  const dead = count(ends, (end) => isError(end, ({ code }) => code === 'ERR_WORKER_DIED'));
  const mustBeZero = {
    pending: count(ends, (end) => end === undefined),
    'settled twice': settledTwice,
    'run twice': starts.reduce((sum, times) => sum + (times > 1 ? 1 : 0), 0),
    'value without a start': count(ends, (end, i) => end?.kind === 'value' && starts[i] === 0),
    'wrong value': count(ends, (end, i) => end?.kind === 'value' && end.value !== i + 1),
    'cancelled, though nobody asked': count(
      ends,
      (end, i) => isError(end, ({ name }) => name === 'AbortError') && !cancelled.has(i),
    ),
    'other errors': count(ends, (end) =>
      isError(end, ({ name, code }) => name !== 'AbortError' && code !== 'ERR_WORKER_DIED'),
    ),
    'failed beyond what was killed': Math.max(0, dead - kills * perKill),
  };
  const told = {
    kills,
    values: count(ends, (end) => end?.kind === 'value'),
    cancelled: count(ends, (end) => isError(end, ({ name }) => name === 'AbortError')),
    'died running': died('running'),
    'died unsent': died('unsent'),
    'died unknown': died('unknown'),
    'died, no start recorded': count(
      ends,
      (end, i) => isError(end, ({ code }) => code === 'ERR_WORKER_DIED') && starts[i] === 0,
    ),
  };
  const deaths: Record<string, number> = {};
  for (const end of ends) {
    if (end?.kind !== 'error' || end.error.name === 'AbortError') continue;
    const text = end.error.message.replace(/"\w+(\[\d+\])?"/, '…').slice(0, 150);
    deaths[text] = (deaths[text] ?? 0) + 1;
  }
  const other = ends.find((end) =>
    isError(end, ({ name, code }) => name !== 'AbortError' && code !== 'ERR_WORKER_DIED'),
  );
  return { mustBeZero, told, deaths, other: other?.kind === 'error' ? other.error : undefined };
}

/** Handles, listeners and workers of this process. */
function stock(hunter: Hunter) {
  const handles: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo()) handles[kind] = (handles[kind] ?? 0) + 1;
  const listeners: Record<string, number> = {};
  for (const event of process.eventNames()) listeners[String(event)] = process.listenerCount(event);
  return { handles, listeners, workers: hunter.alive };
}

function grown(before: Record<string, number>, after: Record<string, number>): string[] {
  return Object.entries(after)
    .filter(([kind, n]) => n > (before[kind] ?? 0))
    .map(([kind, n]) => `${kind}: ${before[kind] ?? 0} -> ${n}`);
}

async function soakThreads(folder: string): Promise<boolean> {
  const counts = new SharedArrayBuffer(4 * TASKS);
  return run({
    name: 'threads',
    hunter: huntThreads(folder),
    // A worker runs one task at a time.
    perKill: 1,
    engine: skein.threads({ size: SIZE, init: { folder, counts } satisfies Ledger }),
    starts: () => new Int32Array(counts),
  });
}

async function soakProcesses(folder: string): Promise<boolean> {
  writeFileSync(`${folder}/starts`, '');
  return run({
    name: 'processes',
    hunter: huntProcesses(folder),
    // A batch of a dead child may be lost as a whole, and is then said to be of unknown state.
    perKill: 4096,
    engine: skein.processes({ size: SIZE, init: { folder, counts: undefined } satisfies Ledger }),
    starts() {
      const counts = new Int32Array(TASKS);
      const bytes = readFileSync(`${folder}/starts`);
      for (let at = 0; at + 4 <= bytes.length; at += 4) {
        const index = bytes.readUInt32LE(at);
        counts[index] = (counts[index] ?? 0) + 1;
      }
      return counts;
    },
  });
}

async function inFolder(body: (folder: string) => Promise<boolean>): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'skein-soak-'));
  try {
    return await body(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Plan {
  readonly name: string;
  readonly hunter: Hunter;
  /** How many tasks one death may fail. */
  readonly perKill: number;
  readonly engine: skein.Engine;
  starts(): Int32Array;
}

async function run({ name, hunter, perKill, engine, starts }: Plan): Promise<boolean> {
  // Opened by their first use: no leak.
  process.stdout.write('');
  process.stderr.write('');
  const before = stock(hunter);
  const since = performance.now();
  const books = await soak(engine, hunter, starts);
  const seconds = (performance.now() - since) / 1000;
  const disposal = Promise.resolve(engine[Symbol.asyncDispose]()).then(() => true);
  const late = new Promise<boolean>((resolve) => setTimeout(resolve, 10_000, false).unref());
  const disposed = await Promise.race([disposal, late]);
  // What was killed last may still be on its way out.
  for (let i = 0; i < 100 && hunter.alive > 0; i++)
    await new Promise((resolve) => setTimeout(resolve, 50));
  await new Promise((resolve) => setTimeout(resolve, 600));
  const { mustBeZero, told, deaths, other } = balance(books, perKill);
  const after = stock(hunter);
  hunter.stop();
  const leaks = [
    ...grown(before.handles, after.handles),
    ...grown(before.listeners, after.listeners),
  ];
  const zeros = {
    ...mustBeZero,
    'workers left': after.workers,
    'not disposed in 10 s': disposed ? 0 : 1,
  };
  console.log(`\n${name}: ${TASKS} tasks in ${seconds.toFixed(1)} s, seed ${seedText}`);
  console.table({ ...told });
  console.table(zeros);
  console.log(deaths);
  if (leaks.length > 0) console.log('left behind:', leaks);
  if (other !== undefined) console.log('an unexpected error:', other);
  return Object.values(zeros).every((n) => n === 0) && leaks.length === 0;
}

/** Sends messages that no worker sends, and tells what should not have become of them. */
async function soakMessages(
  name: string,
  fuzz: (seed: number, messages: number) => Promise<Fuzzed>,
): Promise<boolean> {
  const since = performance.now();
  const { messages, condemned, wrong } = await fuzz(Number(seedText), TASKS);
  const seconds = ((performance.now() - since) / 1000).toFixed(1);
  console.log(`\n${name}: ${messages} messages in ${seconds} s, seed ${seedText}`);
  console.log(`${condemned} workers ended for them; wrong:`, wrong);
  return wrong.length === 0;
}

const results: boolean[] = [];
if (which === 'fuzz') {
  results.push(await soakThreadDoor(TASKS, Number(seedText)));
  results.push(await soakMessages('processes', fuzzProcesses));
}
const isReader = which === 'reader';
if (isReader || which === 'both') {
  results.push(await soakReader(isReader && process.argv[3] ? TASKS : 20_000, Number(seedText)));
}
if (which === 'threads' || which === 'both') results.push(await inFolder(soakThreads));
if (which === 'processes' || which === 'both') results.push(await inFolder(soakProcesses));
if (which === 'growth' || which === 'both') {
  for (const name of ['threads', 'processes'] as const) results.push(await soakGrowth(name, TASKS));
}
console.log(results.every(Boolean) ? '\nall books balance' : '\nthe books do not balance');
process.exitCode = results.every(Boolean) ? 0 : 1;
