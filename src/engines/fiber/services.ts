/**
 * What the fibers of an engine are given: a context of services, or a layer or runtime that makes one.
 *
 * @module
 */
import type { Context } from 'effect/Context';
import type { Layer } from 'effect/Layer';
import type { ManagedRuntime } from 'effect/ManagedRuntime';
import { describe } from '../../core/arguments.ts';
import { type NamesOf, requireOptions } from '../../core/known-options.ts';
import type { EffectLibrary } from './effect-library.ts';

/** Services for the fibers of an engine: one of the three. */
export interface FiberOptions {
  /** Services as they are. */
  readonly context?: Context<never> | Context<unknown> | undefined;
  /** Built when the first fiber is to run, and released when the engine is disposed of. */
  // biome-ignore lint/suspicious/noExplicitAny: of whatever errors; a layer of services is one of none, as it is contravariant in them.
  readonly layer?: Layer<never, any, never> | undefined;
  /** A runtime of yours: the engine uses its services and leaves it open. */
  // biome-ignore lint/suspicious/noExplicitAny: of whatever services and errors.
  readonly runtime?: ManagedRuntime<any, any> | undefined;
}

const NAMES: NamesOf<FiberOptions> = { context: true, layer: true, runtime: true };

/** The services of one engine. */
export class FiberServices {
  readonly #options: FiberOptions;
  // biome-ignore lint/suspicious/noExplicitAny: of whatever services and errors.
  #built: ManagedRuntime<never, any> | undefined;

  constructor(options: FiberOptions) {
    requireOptions(options, NAMES, 'fibers');
    const { context, layer, runtime } = options;
    const given = Object.entries({ context, layer, runtime }).filter(([, it]) => it !== undefined);
    if (given.length > 1) {
      const names = given.map(([name]) => name).join(' and ');
      throw new TypeError(`Expected one of context, layer and runtime: got ${names}`);
    }
    for (const [name, it] of given) requireObject(it, name);
    this.#options = options;
  }

  /** The services; builds the layer, if it is one. */
  async open(library: EffectLibrary): Promise<Context<unknown>> {
    const { context, layer, runtime } = this.#options;
    if (runtime !== undefined) return runtime.context();
    if (layer === undefined) return (context ?? library.context.empty()) as Context<unknown>;
    const { make } = await import('effect/ManagedRuntime');
    const built = make(layer);
    this.#built = built;
    return built.context() as Promise<Context<unknown>>;
  }

  /** Releases what was built here. */
  async close(): Promise<void> {
    await this.#built?.dispose();
  }
}

function requireObject(value: unknown, name: string): void {
  if (typeof value === 'object' && value !== null) return;
  if (typeof value === 'function') return;
  throw new TypeError(`Expected ${name} to be one of effect: got ${describe(value)}`);
}
