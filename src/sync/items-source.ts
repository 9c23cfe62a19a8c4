/**
 * The source that several copies share, read for all of them by one reader.
 *
 * @module
 */
import type { StuckTasks } from '../core/errors.ts';
import { GraceWatch } from '../core/grace.ts';
import { kernel } from '../core/kernel.ts';
import type { OpenScope } from '../core/open-scope.ts';
import type { Source } from '../core/source.ts';
import { type Reading, SourceReader } from '../core/source-reader.ts';
import { captureContext, currentToken, Token } from '../core/token.ts';
import type { CapturedContext } from '../runtime/context.ts';
import { monotonicNow } from '../runtime/runtime.ts';

/** Pulling from an iterator may block the loop: other copies wait meanwhile. */
const LONGEST_PULL_MS = 0.5;
/** Looking at the clock costs as much as pulling some items. */
const PULLS_PER_LOOK = 8;

/** Who hears of items. */
export interface SourceOwner<T> {
  /** Something has arrived, or the source has ended. */
  arrived(items: readonly T[]): void;
}

/**
 * Opens the source when the first item is wanted, in the context in which it was made, and closes it once. It is read in a token of its
 * own beside the copies: what it waits for in the library ends when it is closed, and when their scope is cancelled.
 */
export class ItemsSource<T> implements Reading<T> {
  readonly sourceName: string;
  #grace: number;
  readonly #owner: SourceOwner<T>;
  readonly #home = captureContext();
  readonly #scope = currentToken().scope as OpenScope;
  readonly #reader: SourceReader<T>;
  /** From the first pull on. */
  #token: Token | undefined;
  #context: CapturedContext | undefined;
  #watch: GraceWatch | undefined;
  #isPulling = false;
  /** Nothing more will come. */
  ended = false;
  /** What it failed with, or the cancellation that cut it short. */
  failure: { readonly error: unknown } | undefined;
  /** Its closing: what it failed with, and who waits for it. */
  #isOver = false;
  #trouble: { readonly error: unknown } | undefined;
  #closed: PromiseWithResolvers<void> | undefined;

  /** @param grace milliseconds that it has to close */
  constructor(source: Source<T>, name: string, grace: number, owner: SourceOwner<T>) {
    this.sourceName = name;
    this.#grace = grace;
    this.#owner = owner;
    this.#reader = new SourceReader(source, this);
  }

  get token(): Token {
    return this.#token as Token;
  }

  /** Reads and closings that wait for something the library knows nothing of; see `kernel`. */
  get foreign(): number {
    return (this.#reader.isBusy ? 1 : 0) + this.token.balance;
  }

  enter<R>(fn: () => R): R {
    return (this.#context as CapturedContext).runInAsyncScope(fn);
  }

  /**
   * Items at once, if the source can give any: at least one and at most `most`, fewer when it is slow. Otherwise one was asked for, or
   * the source has ended.
   */
  pull(most: number): T[] {
    if (this.ended) return [];
    if (this.#context === undefined) this.#begin();
    this.#isPulling = true;
    const items = (this.#context as CapturedContext).runInAsyncScope(this.#pull, undefined, most);
    this.#isPulling = false;
    return items;
  }

  #begin(): void {
    this.#home.runInAsyncScope(() => {
      const token = new Token(this.sourceName, this.#scope.token.open(), 'unit');
      this.#token = token;
      this.#context = token.run(captureContext);
      token.onCancel = () => this.#cutShort();
    });
    kernel.flows.add(this);
    if (this.token.effective !== undefined) this.#cutShort();
  }

  readonly #pull = (most: number): T[] => {
    const items: T[] = [];
    const reader = this.#reader;
    if (this.ended || !this.#isReady()) return items;
    const begun = most > PULLS_PER_LOOK ? monotonicNow() : 0;
    // The source may close itself.
    while (items.length < most && reader.look()) {
      items.push(reader.take());
      const look = items.length % PULLS_PER_LOOK === 0;
      if (look && monotonicNow() - begun > LONGEST_PULL_MS) break;
    }
    if (reader.exhausted) this.#end();
    else if (reader.isClosed) this.#finish();
    return items;
  };

  #isReady(): boolean {
    if (this.#reader.isOpen) return true;
    try {
      this.#reader.open();
      return true;
    } catch (error) {
      this.sourceFailed(error);
      return false;
    }
  }

  arrived(): void {
    if (this.#reader.exhausted) this.#end();
    this.#tell(this.#reader.holds ? [this.#reader.take()] : []);
  }

  arrivedLate(item: T): void {
    this.#owner.arrived([item]);
  }

  sourceFailed(error: unknown): void {
    if (this.ended) {
      this.#trouble ??= { error };
      return;
    }
    this.failure = { error };
    this.#end();
    this.#tell([]);
  }

  sourceClosed(failed?: { readonly error: unknown }): void {
    this.#trouble ??= failed;
    this.#finish();
    this.#tell([]);
  }

  /** What comes of a pull is its result. */
  #tell(items: readonly T[]): void {
    if (!this.#isPulling) this.#owner.arrived(items);
  }

  /** It has ended by itself. */
  #end(): void {
    this.ended = true;
    this.#finish();
  }

  /** The scope of the copies is cancelled: for those who ask all the same this is no end. */
  #cutShort(): void {
    if (!this.ended) this.failure = { error: this.token.effective };
    this.ended = true;
    this.#stop();
    this.#tell([]);
  }

  #stop(): void {
    if (this.#isOver) return;
    this.#watch?.stop();
    this.#watch = new GraceWatch(this.token, this.#grace, (stuck) => this.#abandon(stuck));
    this.#reader.close(this.token.effective?.reason);
    if (this.#reader.isClosed) this.#finish();
  }

  #abandon(stuck: StuckTasks): void {
    this.#reader.abandon(stuck);
    this.sourceClosed({ error: stuck });
  }

  #finish(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#watch?.stop();
    kernel.flows.delete(this);
    this.#token?.close();
    this.#settle();
  }

  #settle(): void {
    if (this.#trouble === undefined) this.#closed?.resolve();
    else this.#closed?.reject(this.#trouble.error);
  }

  /**
   * Ends it, unless it was not opened or has ended by itself: a read that is out ends, and so does what it waits for.
   *
   * @param grace other milliseconds that it has from now on
   * @throws StuckTasks when it has not closed by then; whatever it failed to close with
   */
  close(grace: number = this.#grace): Promise<void> {
    this.#grace = grace;
    this.ended = true;
    this.#closed ??= Promise.withResolvers();
    if (this.#token === undefined) this.#isOver = true;
    else this.#token.cancel('the last copy has ended');
    if (this.#isOver) this.#settle();
    else this.#stop();
    return this.#closed.promise;
  }
}
