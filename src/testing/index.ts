/**
 * What tests of concurrent programs need: virtual time, order without sleeps, a check for what was left behind.
 *
 * @module
 */
export { idle, Sequencer } from './idle.ts';
export { type Alive, alive, assertNoLeaks, leaksSince } from './leaks.ts';
export { type VirtualClock, type VirtualOptions, virtual } from './virtual.ts';
