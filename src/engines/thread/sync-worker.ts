/**
 * The caller's side of the worker of `runSync`: asks, and sleeps until the answer is there. A thread that sleeps hears of nothing: no event
 * tells it that the worker is gone. A worker that exits says so in shared memory; one that runs out of memory cannot, but the end of a
 * channel that it held is closed then, which can be seen without an event. A look costs 15 µs and is taken every 50 ms of a wait.
 *
 * @module
 */
import { hostModule, monotonicNow } from '../../runtime/runtime.ts';
import { isEncodedThrown } from '../../shipping/encoded-check.ts';
import { unclonableArguments } from '../../shipping/unclonable.ts';
import { depthHere } from '../pool/nesting.ts';
import { workerEntry } from '../pool/worker-entry.ts';
import { wait } from './atomics.ts';
import { makeWorker } from './make-worker.ts';
import {
  type RunSyncAnswer,
  type RunSyncCall,
  type RunSyncStart,
  WAKE,
} from './run-sync-protocol.ts';
import { NOTHING, SyncWords } from './sync-words.ts';

type Threads = typeof import('node:worker_threads');
type Port = import('node:worker_threads').MessagePort;

const LOOK_MS = 50;

/**
 * What came of a call, besides what the worker says: `late` when time was up, `gone` when the worker is no more, `deep` when its answer could
 * not be read, `forged` when it was none.
 */
export type Outcome =
  | RunSyncAnswer
  | readonly ['late']
  | readonly ['gone']
  | readonly ['deep', cause: unknown]
  | readonly ['forged'];

/** A worker that one thread waits for. It never keeps the process alive. */
export class SyncWorker {
  readonly #threads: Threads;
  readonly #worker: import('node:worker_threads').Worker;
  readonly #port: Port;
  readonly #words = new SyncWords();
  #life: Port;
  #error: unknown;

  constructor(threads: Threads) {
    const calls = new threads.MessageChannel();
    const life = new threads.MessageChannel();
    this.#threads = threads;
    this.#port = calls.port1;
    this.#life = life.port1;
    const start: RunSyncStart = {
      port: calls.port2,
      life: life.port2,
      memory: this.#words.memory,
      depth: depthHere() + 1,
    };
    const entry = workerEntry('run-sync');
    this.#worker = makeWorker(threads, entry, {
      eval: typeof entry === 'string',
      workerData: start,
      transferList: [calls.port2, life.port2],
      name: 'runSync',
    });
    // A death is told to the call that waits; without a listener it would end the process too.
    this.#worker.on('error', (error: unknown) => {
      this.#error = error;
    });
    this.#worker.unref();
  }

  /**
   * Sends a call and sleeps until its outcome.
   *
   * @param ms how long, at most
   * @throws Unclonable when the arguments cannot be sent
   */
  call(call: RunSyncCall, name: string, ms: number): Outcome {
    this.#send(call, name);
    const due = ms === Number.POSITIVE_INFINITY ? ms : monotonicNow() + ms;
    for (;;) {
      const seen = this.#words.answers;
      const outcome = this.#received();
      if (outcome !== undefined) return outcome;
      const left = due === Number.POSITIVE_INFINITY ? LOOK_MS : due - monotonicNow();
      if (left <= 0) return ['late'];
      if (this.#words.waitForAnswer(seen, Math.min(left, LOOK_MS))) continue;
      if (!this.#isAlive()) return this.#received() ?? ['gone'];
      // Should a wake-up ever be lost, this costs 50 ms instead of the program.
      if (!this.#words.allBegun) this.#port.postMessage(WAKE);
    }
  }

  #send(call: RunSyncCall, name: string): void {
    const [id, args, shipment] = call;
    if (shipment === undefined && this.#words.putCall(id, args)) {
      this.#words.called();
      if (!this.#words.listening) this.#port.postMessage(WAKE);
      return;
    }
    try {
      this.#port.postMessage(call);
    } catch (cause) {
      throw unclonableArguments(args, name, cause);
    }
    this.#words.called();
  }

  /** Whether the last call has begun: if not, it has no effect and can be made again. */
  get begun(): boolean {
    return this.#words.allBegun;
  }

  /** Whether it has loaded its entry. */
  get started(): boolean {
    return this.#words.started;
  }

  /**
   * What it died of, if the host knows. The host tells it in an event, which a thread that has slept has not had yet: what has come at the
   * ports of the worker is given to those who listen there, as the host does in a later turn.
   */
  get error(): unknown {
    const { MessagePort, receiveMessageOnPort } = this.#threads;
    const worker = this.#worker as unknown as Record<symbol, unknown>;
    for (const key of Object.getOwnPropertySymbols(worker)) {
      const port = worker[key];
      if (!(port instanceof MessagePort)) continue;
      try {
        for (;;) {
          const got = receiveMessageOnPort(port);
          if (got === undefined) break;
          (port as { emit?(event: string, message: unknown): void }).emit?.('message', got.message);
        }
      } catch (error) {
        // It is nested too deeply to be read.
        this.#error ??= error;
      }
    }
    return this.#error;
  }

  /** Ends the worker. What it runs is stopped where it stands. */
  end(): void {
    void this.#worker.terminate();
    this.#port.close();
    this.#life.close();
  }

  #received(): Outcome | undefined {
    const { calls } = this.#words;
    const small = this.#words.takeResult();
    if (small !== NOTHING) return ['value', calls, small];
    try {
      for (;;) {
        const got = this.#threads.receiveMessageOnPort(this.#port);
        if (got === undefined) return undefined;
        if (!isAnswer(got.message)) return ['forged'];
        // What a body has sent when its call was over is for nobody.
        if (got.message[0] === 'exit' || got.message[1] === calls) return got.message;
      }
    } catch (cause) {
      return ['deep', cause];
    }
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

/** A body can have sent it, too. */
function isAnswer(message: unknown): message is RunSyncAnswer {
  if (!Array.isArray(message) || !Number.isInteger(message[1])) return false;
  const [kind, , what, warning] = message as readonly unknown[];
  switch (kind) {
    case 'value':
      return warning === undefined || isWarning(warning);
    case 'thrown':
      return isEncodedThrown(what);
    case 'exit':
      return what === undefined || isEncodedThrown(what);
    default:
      return kind === 'unread';
  }
}

function isWarning(warning: unknown): boolean {
  return Array.isArray(warning) && typeof warning[0] === 'string' && typeof warning[1] === 'string';
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
    wait(new Int32Array(new SharedArrayBuffer(4)), 0, 1);
    return threads;
  } catch {
    return undefined;
  }
}
