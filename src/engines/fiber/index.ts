/**
 * Fibers: bodies as Effects, on the optional package `effect`.
 *
 * @module
 */

export { EngineClosed } from '../pool/engine-closed.ts';
export { type FiberBody, fiber } from './body.ts';
export { causeOf } from './cause-of.ts';
export { EffectMissing } from './effect-missing.ts';
export { fibers } from './fibers.ts';
export type { FiberOptions } from './services.ts';
