/**
 * The worker of `runSync`. It runs one call at a time. Between calls it stays asleep in shared memory for a moment, because the next
 * call often comes at once, and waking from there costs a third of an event of the loop.
 *
 * @module
 */
import { isThenable } from '../../core/arguments.ts';
import { Deadlock } from '../../core/errors.ts';
import { hostModule, monotonicNow } from '../../runtime/runtime.ts';
import { type EncodedThrown, encodeThrown } from '../../shipping/error-codec.ts';
import { load } from '../../shipping/load.ts';
import type { AnyFunction, Shipment } from '../../shipping/shipment.ts';
import { unclonableResult } from '../../shipping/unclonable.ts';
import type { RunSyncAnswer, RunSyncCall, RunSyncStart } from './run-sync-protocol.ts';
import { SyncWords } from './sync-words.ts';
import { writeAtOnce } from './write-at-once.ts';

/** How long the worker waits in shared memory for the next call. */
const LINGER_MS = 2;
/** After this long without a turn of the event loop the worker takes one, whatever comes. */
const TURN_MS = 20;

const threads = hostModule<typeof import('node:worker_threads')>(
  'node:worker_threads',
) as typeof import('node:worker_threads');
const { port, memory } = threads.workerData as RunSyncStart;
const words = new SyncWords(memory);
const functions = new Map<number, AnyFunction>();
const shipments = new Map<number, Shipment>();

/** Name of the function that is at work, if one is. */
let running: string | undefined;
let turnDue = 0;

function answer(message: RunSyncAnswer): void {
  port.postMessage(message);
  words.answered();
}

function fail(error: unknown): void {
  answer(['thrown', encodeThrown(error)]);
}

function succeed(value: unknown, name: string): void {
  if (words.put(value)) {
    words.answered();
    return;
  }
  try {
    answer(['value', value]);
  } catch (cause) {
    fail(unclonableResult(value, name, cause));
  }
}

/** Runs a call. False when it goes on: it answers by itself then. */
function call([id, args, shipment]: RunSyncCall): boolean {
  words.begin();
  if (shipment !== undefined) shipments.set(id, shipment);
  const name = shipments.get(id)?.name || 'anonymous';
  try {
    const fn = functions.get(id) ?? load(shipments.get(id) as Shipment);
    if (typeof fn === 'function') {
      functions.set(id, fn);
      const result: unknown = fn(...args);
      if (!isThenable(result)) {
        succeed(result, name);
        return true;
      }
      settle(Promise.resolve(result), name);
    } else settle(loaded(id, fn, args), name);
    return false;
  } catch (error) {
    fail(error);
    return true;
  }
}

async function loaded(
  id: number,
  fn: Promise<AnyFunction>,
  args: readonly unknown[],
): Promise<unknown> {
  const found = await fn;
  functions.set(id, found);
  return found(...args);
}

function settle(result: Promise<unknown>, name: string): void {
  begin(name);
  result.then(
    (value) => {
      if (end()) succeed(value, name);
      linger();
    },
    (error: unknown) => {
      if (end()) fail(error);
      linger();
    },
  );
}

/** While a body is at work, the loop lives only by what the body has started. */
function begin(name: string): void {
  running = name;
  port.unref();
}

function end(): boolean {
  const expected = running !== undefined;
  running = undefined;
  port.ref();
  return expected;
}

/** Takes calls as long as they come at short intervals. */
function linger(): void {
  while (monotonicNow() < turnDue) {
    const seen = words.calls;
    const received = threads.receiveMessageOnPort(port);
    if (received !== undefined) {
      if (!call(received.message as RunSyncCall)) return;
    } else if (!words.waitForCall(seen, LINGER_MS)) return;
  }
}

let uncaught: EncodedThrown | undefined;

process.on('uncaughtExceptionMonitor', (error) => {
  uncaught = encodeThrown(error);
});
process.on('exit', (code) => answer(['exit', code, uncaught]));
process.on('beforeExit', () => {
  const name = running;
  if (name === undefined || !end()) return;
  const what = `the promise of "${name}" is pending and nothing is left in its worker that could settle it`;
  fail(new Deadlock(`  ${name}`, what));
});

writeAtOnce(process.stdout, 1);
writeAtOnce(process.stderr, 2);
port.on('message', (message: RunSyncCall) => {
  turnDue = monotonicNow() + TURN_MS;
  if (call(message)) linger();
});
