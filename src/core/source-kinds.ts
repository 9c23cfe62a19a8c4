/**
 * What is known of kinds of sources whose `return()` does not end a read that is out, or does not close all that reads for them. They
 * are told by what they can do, so that a stream of another runtime, or of a library, is one too.
 *
 * | kind | how it is stopped |
 * |---|---|
 * | a Node stream: file, socket, pipe of a child, HTTP message; also its iterator | a read that is out is ended by `destroy()`; otherwise `return()` destroys it, as `break` does |
 * | a web stream | it is read through a reader: `cancel(reason)`, and the lock is released |
 * | a `readline` interface | `close()`, as Node promises of `break` and does not do; what it read from is destroyed, unless somebody has another use for it |
 * | all else: iterators of events, our own, generators in a wait of the library | `return()`, which ends the read, or the cancellation of the wait does |
 *
 * An async generator that waits for something foreign is the one thing that nobody can end.
 *
 * @module
 */

/**
 * Stops what an iterator reads from; `isReading` says whether a read is out. `return()` is called after it, unless it gives true: then it
 * has done all there is to do, and the read may never say so.
 */
export type StopReading = (isReading: boolean, reason: unknown) => boolean;

/** Whether it is an interface of `readline` that has been closed: its lines are gone, and its iterator would wait for ever. */
export function isClosedReadline(source: object): boolean {
  return isReadline(source) && source.closed === true;
}

/** How a source is stopped, if `return()` is not enough. */
export function stopperOf(source: object, iterator: object): StopReading | undefined {
  if (isReadline(source)) {
    return () => {
      closeReadline(source);
      return false;
    };
  }
  // The iterator of a Node stream says which one it reads.
  const stream = isNodeStream(source) ? source : (iterator as { readonly stream?: unknown }).stream;
  if (!isNodeStream(stream)) return undefined;
  return (isReading) => isReading && destroy(stream);
}

/** A readable stream of Node, of any age and maker. */
interface NodeStream {
  destroy(): unknown;
  readonly destroyed?: boolean;
  readonly writable?: boolean;
  readonly fd?: unknown;
  readonly _readableState?: { readonly emitClose?: unknown };
  readonly remoteAddress?: unknown;
  readonly server?: unknown;
}

function isNodeStream(value: unknown): value is NodeStream {
  if (typeof value !== 'object' || value === null) return false;
  const stream = value as Record<string, unknown>;
  return ['pipe', 'read', 'on', 'destroy'].every((name) => typeof stream[name] === 'function');
}

/** A request that a server of Node has received. */
interface ServerRequest {
  readonly _consuming: boolean;
  readonly _dumped: boolean;
  readonly req?: unknown;
  socket: unknown;
}

function isServerRequest(stream: object): stream is ServerRequest {
  const request = stream as Partial<ServerRequest>;
  const isMessage = typeof request._consuming === 'boolean' && typeof request._dumped === 'boolean';
  return isMessage && request.req === undefined;
}

/** Without an error: nobody need listen for one. The read that is out rejects when the stream has closed, if that says so. */
function destroy(stream: NodeStream): boolean {
  // As Node does where such a loop is left: the connection stays, so that an answer can be sent.
  if (isServerRequest(stream) && stream.destroyed !== true) stream.socket = null;
  stream.destroy();
  return stream._readableState?.emitClose === false;
}

/** An interface of `readline`, or of `readline/promises`. */
interface Readline {
  close(): void;
  prompt(): void;
  readonly input?: unknown;
  readonly closed?: unknown;
}

function isReadline(value: object): value is Readline {
  const { close, prompt } = value as Partial<Readline>;
  return typeof close === 'function' && typeof prompt === 'function' && 'input' in value;
}

function closeReadline(lines: Readline): void {
  lines.close();
  const { input } = lines;
  if (isNodeStream(input) && isSpent(input)) input.destroy();
}

/**
 * Whether the input of an interface is of no further use: lines that came with the last one are lost. Not stdin, which the program may
 * ask again, and not a connection that can still be answered. The other end of a transform leads nowhere now, and a pipe from a child
 * only seems to be writable: it is a socket without an address.
 */
function isSpent(input: NodeStream): boolean {
  if (input.fd === 0) return false;
  if (input.writable !== true || '_transform' in input) return true;
  const isServed = input.server !== undefined && input.server !== null;
  return 'remoteAddress' in input && input.remoteAddress === undefined && !isServed;
}

/** What is used of a web stream. */
interface WebStream<T> {
  getReader(): WebReader<T>;
  cancel(reason?: unknown): Promise<void>;
}

interface WebReader<T> {
  read(): Promise<{ readonly done: boolean; readonly value?: T | undefined }>;
  cancel(reason?: unknown): Promise<void>;
  releaseLock(): void;
}

/** A web stream that is iterated in the way of all web streams: one of a class with an iterator of its own is not. */
export function isWebStream<T>(source: object): source is WebStream<T> {
  const {
    getReader,
    cancel,
    values,
    [Symbol.asyncIterator]: iterate,
  } = source as Partial<WebStream<T> & { values(): unknown } & AsyncIterable<T>>;
  return typeof getReader === 'function' && typeof cancel === 'function' && iterate === values;
}

/** What `values()` of the stream would give, but for `return()`, which ends a read that is out. */
export class WebStreamIterator<T> implements AsyncIterator<T, undefined> {
  readonly #reader: WebReader<T>;
  #isOpen = true;
  #reason: unknown;

  constructor(reader: WebReader<T>) {
    this.#reader = reader;
  }

  async next(): Promise<IteratorResult<T, undefined>> {
    try {
      const { done, value } = await this.#reader.read();
      if (!done) return { done, value: value as T };
      this.#release();
      return { done: true, value: undefined };
    } catch (error) {
      this.#release();
      throw error;
    }
  }

  readonly stop: StopReading = (_isReading, reason) => {
    this.#reason = reason;
    return false;
  };

  async return(): Promise<IteratorResult<T, undefined>> {
    if (this.#isOpen) {
      const cancelled = this.#reader.cancel(this.#reason);
      this.#release();
      await cancelled;
    }
    return { done: true, value: undefined };
  }

  #release(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#reader.releaseLock();
  }
}
