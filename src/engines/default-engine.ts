/**
 * What `concurrently` runs on when nothing else is said.
 *
 * @module
 */
import { defaultEngine } from '../core/default-engine.ts';
import type { Engine } from '../core/engine.ts';
import { loop } from './loop.ts';

/** The engine that `setDefaultEngine` has set for this process; until then this event loop. A worker has a default of its own. */
export function getDefaultEngine(): Engine {
  return defaultEngine() ?? loop();
}
