/**
 * What tests of concurrent programs need: virtual time, order without sleeps, all interleavings, a check for what was left behind.
 *
 * @module
 */

export type { EngineTrait } from './engine/contract-case.ts';
export {
  type ContractCase,
  type EngineContractOptions,
  engineContract,
} from './engine/engine-contract.ts';
export { type Exploration, explore, exploring } from './explore/explore.ts';
export { ScheduleFailed } from './explore/failure.ts';
export type { ExploreOptions, StrategyName } from './explore/options.ts';
export { replay } from './explore/replay.ts';
export { idle, Sequencer } from './idle.ts';
export { type Alive, alive, assertNoLeaks, leaksSince } from './leaks.ts';
export { type VirtualClock, type VirtualOptions, virtual } from './virtual.ts';
