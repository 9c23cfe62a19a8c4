/**
 * Generator functions as bodies of fibers. `Effect.gen` drives generators too, but neither failures nor interruption reach their
 * `catch` and `finally`; here a generator is what an async function is, except for how it is stopped.
 *
 * @module
 */

import type { Cause } from 'effect/Cause';
import type { Effect } from 'effect/Effect';
import { describe, isThenable } from '../../core/arguments.ts';
import type { EffectLibrary } from './effect-library.ts';
import { letIn } from './let-in.ts';

/** A generator whose body yields Effects and promises. */
export type FiberGenerator = Generator<unknown, unknown, unknown>;

/** Whether a body has given a generator. */
export function isGenerator(value: unknown): value is FiberGenerator {
  const given = value as Partial<FiberGenerator> | null | undefined;
  return (
    typeof given === 'object' &&
    given !== null &&
    typeof given.next === 'function' &&
    typeof given.throw === 'function' &&
    typeof given.return === 'function' &&
    Symbol.iterator in given
  );
}

type Step = () => IteratorResult<unknown, unknown>;

/** Drives one generator. */
export class GeneratorDrive {
  readonly #library: EffectLibrary;
  readonly #generator: FiberGenerator;
  /** The failure that was thrown into the generator last, and what it came from: it may let it pass. */
  #thrown: { readonly error: unknown; readonly cause: Cause<unknown> } | undefined;

  constructor(library: EffectLibrary, generator: FiberGenerator) {
    this.#library = library;
    this.#generator = generator;
  }

  /**
   * The generator as an Effect. A failure of what it yields is thrown into it (where nothing can be, as the prototypes of `effect` are
   * frozen, it ends there: its `finally` runs). Interruption runs its `finally`, which may yield too,
   * and no `catch` sees it.
   */
  run(): Effect<unknown, unknown> {
    const { effect, cause } = this.#library;
    return effect.onExit(
      this.#advance(() => this.#generator.next()),
      (exit) =>
        exit._tag === 'Failure' && cause.hasInterrupts(exit.cause)
          ? effect.suspend(() => this.#leave())
          : effect.void,
    );
  }

  #leave(): Effect<void> {
    return this.#library.effect.orDie(
      this.#library.effect.asVoid(this.#advance(() => this.#generator.return(undefined))),
    );
  }

  #advance(step: Step): Effect<unknown, unknown> {
    const { effect, cause } = this.#library;
    let result: IteratorResult<unknown, unknown>;
    try {
      result = step();
    } catch (error) {
      const thrown = this.#thrown;
      return thrown !== undefined && thrown.error === error
        ? effect.failCause(thrown.cause)
        : effect.die(error);
    }
    if (result.done === true) return effect.succeed(result.value);
    const yielded = result.value;
    return effect.matchCauseEffect(this.#effectOf(yielded), {
      onSuccess: (value) => this.#advance(() => this.#generator.next(value)),
      onFailure: (failed) => {
        if (cause.hasInterruptsOnly(failed)) return effect.failCause(failed);
        if (effect.isEffect(yielded) && !letIn(yielded as Iterable<unknown>)) {
          return effect.andThen(this.#leave(), effect.failCause(failed));
        }
        const error = cause.squash(failed);
        this.#thrown = { error, cause: failed };
        return this.#advance(() => this.#generator.throw(error));
      },
    });
  }

  #effectOf(yielded: unknown): Effect<unknown, unknown> {
    const { effect } = this.#library;
    if (effect.isEffect(yielded)) return yielded as Effect<unknown, unknown>;
    if (isThenable(yielded)) return promised(this.#library, yielded);
    return effect.fail(
      new TypeError(
        `Expected what a fiber yields to be an Effect or a promise: got ${describe(yielded)}`,
      ),
    );
  }
}

/** Waits for a promise. An interruption leaves it; what the library waits for ends by the cancellation that comes with it. */
function promised(library: EffectLibrary, promise: PromiseLike<unknown>): Effect<unknown, unknown> {
  const { effect } = library;
  // The fiber may have been interrupted meanwhile, and never come to wait for it.
  promise.then(undefined, () => undefined);
  return effect.callback<unknown, unknown>((resume) => {
    promise.then(
      (value) => resume(effect.succeed(value)),
      (error: unknown) => resume(effect.fail(error)),
    );
  });
}
