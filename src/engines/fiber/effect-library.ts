/**
 * The optional package `effect`, loaded when the first fiber is to run.
 *
 * @module
 */
import { EffectMissing } from './effect-missing.ts';

/** What the engine uses of `effect`. */
export interface EffectLibrary {
  readonly effect: typeof import('effect/Effect');
  readonly cause: typeof import('effect/Cause');
  readonly context: typeof import('effect/Context');
  readonly clock: typeof import('effect/Clock');
  readonly scheduler: typeof import('effect/Scheduler');
  readonly duration: typeof import('effect/Duration');
}

let loading: Promise<EffectLibrary> | undefined;

/**
 * Loads the package, once.
 *
 * @throws EffectMissing when it is not installed
 */
export function loadEffect(): Promise<EffectLibrary> {
  loading ??= load();
  return loading;
}

async function load(): Promise<EffectLibrary> {
  try {
    const [effect, cause, context, clock, scheduler, duration] = await Promise.all([
      import('effect/Effect'),
      import('effect/Cause'),
      import('effect/Context'),
      import('effect/Clock'),
      import('effect/Scheduler'),
      import('effect/Duration'),
    ]);
    return { effect, cause, context, clock, scheduler, duration };
  } catch (error) {
    loading = undefined;
    throw isMissing(error) ? new EffectMissing({ cause: error }) : error;
  }
}

/** Whether it is `effect` itself that was not found, and not something that it imports. */
function isMissing(error: unknown): boolean {
  const { code, message } = error as { code?: unknown; message?: unknown };
  const isNotFound = code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND';
  return isNotFound && String(message).includes('effect');
}
