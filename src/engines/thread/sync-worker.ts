/**
 * The caller's side of the worker of `runSync`: asks, and sleeps until the answer is there. A thread that sleeps hears of nothing: no event
 * tells it that the worker is gone. A worker that exits says so in shared memory; one that runs out of memory cannot, but the end of a
 * channel that it held is closed then, which can be seen without an event. A look costs 15 µs and is taken every 50 ms of a wait.
 *
 * @module
 */
import { hostModule, monotonicNow } from '../../runtime/runtime.ts';
import { unclonableArguments } from '../../shipping/unclonable.ts';
import type { RunSyncAnswer, RunSyncCall, RunSyncStart } from './run-sync-protocol.ts';
import { NOTHING, SyncWords } from './sync-words.ts';

type Threads = typeof import('node:worker_threads');
type Port = import('node:worker_threads').MessagePort;

const LOOK_MS = 50;

/** What came of a call, besides what the worker says: `late` when time was up, `gone` when the worker is no more. */
export type Outcome = RunSyncAnswer | readonly ['late'] | readonly ['gone'];

/** A worker that one thread waits for. It never keeps the process alive. */
export class SyncWorker {
  readonly #threads: Threads;
  readonly #worker: import('node:worker_threads').Worker;
  readonly #port: Port;
  readonly #words = new SyncWords();
  #life: Port;

  constructor(threads: Threads) {
    const calls = new threads.MessageChannel();
    const life = new threads.MessageChannel();
    this.#threads = threads;
    this.#port = calls.port1;
    this.#life = life.port1;
    const start: RunSyncStart = { port: calls.port2, life: life.port2, memory: this.#words.memory };
    this.#worker = new threads.Worker(entry(), {
      workerData: start,
      transferList: [calls.port2, life.port2],
      name: 'runSync',
    });
    // A death is told to the call that waits; without a listener it would end the process too.
    this.#worker.on('error', () => undefined);
    this.#worker.unref();
  }

  /**
   * Sends a call and sleeps until its outcome.
   *
   * @param ms how long, at most
   * @throws Unclonable when the arguments cannot be sent
   */
  call(call: RunSyncCall, name: string, ms: number): Outcome {
    try {
      this.#port.postMessage(call);
    } catch (cause) {
      throw unclonableArguments(call[1], name, cause);
    }
    this.#words.called();
    const due = ms === Number.POSITIVE_INFINITY ? ms : monotonicNow() + ms;
    for (;;) {
      const seen = this.#words.answers;
      const outcome = this.#received();
      if (outcome !== undefined) return outcome;
      const left = due === Number.POSITIVE_INFINITY ? LOOK_MS : due - monotonicNow();
      if (left <= 0) return ['late'];
      if (this.#words.waitForAnswer(seen, Math.min(left, LOOK_MS))) continue;
      if (!this.#isAlive()) return this.#received() ?? ['gone'];
    }
  }

  /** Whether the last call has begun: if not, it has no effect and can be made again. */
  get begun(): boolean {
    return this.#words.allBegun;
  }

  /** Ends the worker. What it runs is stopped where it stands. */
  end(): void {
    void this.#worker.terminate();
    this.#port.close();
    this.#life.close();
  }

  #received(): RunSyncAnswer | undefined {
    const small = this.#words.take();
    if (small !== NOTHING) return ['value', small];
    return this.#threads.receiveMessageOnPort(this.#port)?.message as RunSyncAnswer | undefined;
  }

  #isAlive(): boolean {
    if (!canLook(this.#threads)) return true;
    // A port learns that its other end was closed when it is read from, and cannot be moved after that.
    this.#threads.receiveMessageOnPort(this.#life);
    try {
      this.#life = moved(this.#life);
      return true;
    } catch {
      return false;
    }
  }
}

/** The entry beside this file: source when this is source. */
function entry(): URL {
  return import.meta.url.endsWith('.ts')
    ? new URL('./run-sync-entry.ts', import.meta.url)
    : new URL('./run-sync-entry.js', import.meta.url);
}

function moved(port: Port): Port {
  return structuredClone(port, { transfer: [port as never] });
}

let looks: boolean | undefined;

/** Whether this runtime can move a port: where it cannot, that says nothing of the other end. */
function canLook(threads: Threads): boolean {
  if (looks === undefined) {
    const { port1, port2 } = new threads.MessageChannel();
    try {
      moved(port1).close();
      looks = true;
    } catch {
      looks = false;
    }
    port2.close();
  }
  return looks;
}

/** The threads of the host, when this thread may wait for one. */
export function threadsToWaitFor(): Threads | undefined {
  const threads = hostModule<Threads>('node:worker_threads');
  if (typeof threads?.receiveMessageOnPort !== 'function') return undefined;
  try {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 1);
    return threads;
  } catch {
    return undefined;
  }
}
