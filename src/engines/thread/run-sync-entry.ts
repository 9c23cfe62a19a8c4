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
import { titleOf } from '../../shipping/errors.ts';
import { load } from '../../shipping/load.ts';
import type { AnyFunction, Shipment } from '../../shipping/shipment.ts';
import { Unclonable, unclonableResult } from '../../shipping/unclonable.ts';
import { setDepth } from '../pool/nesting.ts';
import { writeAtOnce } from '../pool/output.ts';
import { lookAtCopied } from '../shared/copied.ts';
import { passOn } from '../shared/instances.ts';
import {
  type RunSyncAnswer,
  type RunSyncCall,
  type RunSyncStart,
  WAKE,
} from './run-sync-protocol.ts';
import { SyncWords } from './sync-words.ts';

/** How long the worker waits in shared memory for the next call. */
const LINGER_MS = 2;
/** After this long without a turn of the event loop the worker takes one, whatever comes. */
const TURN_MS = 20;

const threads = hostModule<typeof import('node:worker_threads')>(
  'node:worker_threads',
) as typeof import('node:worker_threads');
const { port, memory, depth } = threads.workerData as RunSyncStart;
setDepth(depth);
// What a body can reach it can close, or write to.
Object.assign(threads.workerData, { port: undefined, memory: undefined });
const words = new SyncWords(memory);
words.start();
const functions = new Map<number, AnyFunction>();
const shipments = new Map<number, Shipment>();

/** The call at work, if one is, and the name of its function. */
let running: { readonly call: number; readonly name: string } | undefined;
let turnDue = 0;
/** What the process of the caller is to warn of. */
let warning: readonly [key: string, text: string] | undefined;
passOn((...given) => {
  warning = given;
});

function answer(message: RunSyncAnswer): void {
  port.postMessage(message);
  words.answered();
}

function fail(call: number, error: unknown): void {
  answer(['thrown', call, encodeThrown(error)]);
}

function succeed(call: number, value: unknown, name: string): void {
  if (words.putResult(call, value)) {
    words.answered();
    return;
  }
  try {
    warning = undefined;
    lookAtCopied([value], 'result', name, 'which a worker cannot lend');
    answer(['value', call, value, warning]);
  } catch (cause) {
    fail(call, cause instanceof Unclonable ? cause : unclonableResult(value, name, cause));
  }
}

/** Runs a call. False when it goes on: it answers by itself then. */
function run([id, args, shipment, forgetsOthers]: RunSyncCall): boolean {
  const call = words.begin();
  if (forgetsOthers === true) {
    functions.clear();
    shipments.clear();
  }
  if (shipment !== undefined) shipments.set(id, shipment);
  const name = shipments.get(id)?.name ?? '';
  try {
    const fn = functions.get(id) ?? load(shipments.get(id) as Shipment);
    if (typeof fn === 'function') {
      functions.set(id, fn);
      const result: unknown = fn(...args);
      if (!isThenable(result)) {
        succeed(call, result, name);
        return true;
      }
      settle(call, Promise.resolve(result), name);
    } else settle(call, loaded(id, fn, args), name);
    return false;
  } catch (error) {
    fail(call, error);
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

function settle(call: number, result: Promise<unknown>, name: string): void {
  begin(call, name);
  result.then(
    (value) => {
      words.listening = true;
      if (end()) succeed(call, value, name);
      serve(undefined);
    },
    (error: unknown) => {
      words.listening = true;
      if (end()) fail(call, error);
      serve(undefined);
    },
  );
}

/** While a body is at work, the loop lives only by what the body has started. */
function begin(call: number, name: string): void {
  running = { call, name };
  port.unref();
}

function end(): boolean {
  const expected = running !== undefined;
  running = undefined;
  port.ref();
  return expected;
}

/**
 * Takes calls as long as they come at short intervals.
 *
 * @param first one that has been received
 */
function serve(first: RunSyncCall | undefined): void {
  let call = first;
  words.listening = true;
  while (monotonicNow() < turnDue) {
    const seen = words.calls;
    call ??= received();
    if (call === undefined) {
      if (!words.waitForCall(seen, LINGER_MS)) break;
    } else if (run(call)) call = undefined;
    else {
      words.listening = false;
      return;
    }
  }
  words.listening = false;
  // A call that was made before this was known has no message to wake us.
  call ??= received();
  if (call !== undefined) run(call);
}

function received(): RunSyncCall | undefined {
  const call = words.takeCall();
  if (call !== undefined) return call;
  try {
    const message = threads.receiveMessageOnPort(port)?.message as
      | RunSyncCall
      | typeof WAKE
      | undefined;
    return message === WAKE ? words.takeCall() : message;
  } catch {
    miss();
    return undefined;
  }
}

/** A call was nested too deeply for the stack of this thread: it is lost. */
function miss(): void {
  answer(['unread', words.begin()]);
}

let uncaught: EncodedThrown | undefined;

process.on('uncaughtExceptionMonitor', (error) => {
  uncaught = encodeThrown(error);
});
process.on('exit', (code) => answer(['exit', code, uncaught]));
process.on('beforeExit', () => {
  const { call, name = '' } = running ?? {};
  if (call === undefined || !end()) return;
  const what = `the promise of ${titleOf(name)} is pending and nothing is left in its worker that could settle it`;
  fail(call, new Deadlock(`  ${name || 'an anonymous function'}`, what));
});

writeAtOnce(process.stdout, 1);
writeAtOnce(process.stderr, 2);
port.on('messageerror', miss);
port.on('message', (message: RunSyncCall | typeof WAKE) => {
  turnDue = monotonicNow() + TURN_MS;
  serve(message === WAKE ? undefined : message);
});
