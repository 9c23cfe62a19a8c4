/**
 * The calls of scopes, flows, engines and test tools that take options.
 *
 * @module
 */
import {
  asCompleted,
  collect,
  concurrent,
  concurrently,
  every,
  firstSuccess,
  gather,
  gatherSettled,
  generateIn,
  loop,
  map,
  mapStream,
  moveOnAfter,
  openScope,
  processes,
  processPool,
  race,
  resolve,
  run,
  runSync,
  schedule,
  scope,
  shield,
  threadPool,
  threads,
  timeout,
  timeoutAt,
  wait,
} from 'skein';
import { fibers } from 'skein/fiber';
import { engineContract, explore, exploring, virtual } from 'skein/testing';
import { type Entry, takes, work } from './entry.ts';

const scopes: readonly Entry[] = [
  takes('scope', 'ScopeOptions', 'scope', 'timeout', (o) => scope(o, work)),
  takes('openScope', 'ScopeOptions', 'openScope', 'onError', (o) => openScope(o)),
  takes('timeout', 'TimeoutOptions', 'timeout', 'abandon', (o) => timeout(5, work, o)),
  takes('timeoutAt', 'TimeoutOptions', 'timeout', 'grace', (o) => timeoutAt(5, work, o)),
  takes('moveOnAfter', 'TimeoutOptions', 'moveOnAfter', 'abandon', (o) =>
    moveOnAfter(5, work, 0, o),
  ),
  takes('shield', 'ShieldOptions', 'shield', 'timeout', (o) => shield(work, o)),
  takes('run', 'RunOptions', 'run', 'signals', (o) => run(work, o)),
  takes('schedule', 'SpawnOptions', 'schedule', 'daemon', (o) => schedule(work, o)),
  takes('every', undefined, 'every', 'immediate', (o) => every(1, o)),
  takes('Scope.spawn', 'SpawnOptions', 'spawn', 'daemon', (o) =>
    scope((s) => void s.spawn(work, o)),
  ),
  takes('Scope.start', 'SpawnOptions', 'start', 'name', (o) =>
    scope((s) => s.start(work, o).then(work)),
  ),
  takes('Scope.defer', undefined, 'defer', 'timeout', (o) => scope((s) => s.defer(work, o))),
];

const copies = concurrently(0, {}, work);

const flows: readonly Entry[] = [
  takes('map', 'FlowOptions', 'map', 'concurrency', (o) => map([1], work, o)),
  takes('map', 'FlowOptions', 'map', 'buffer', (o) => map([1], work, o)),
  takes('mapStream', 'StreamOptions', 'mapStream', 'order', (o) => mapStream([1], work, o)),
  takes('collect', 'CollectOptions', 'collect', 'workers', (o) => collect([work], o)),
  takes('resolve', 'ResolveOptions', 'resolve', 'greediness', (o) => resolve([work], o)),
  takes('concurrent', 'ConcurrentOptions', 'concurrent', 'yieldErrors', (o) =>
    concurrent([work], o),
  ),
  takes('gather', 'GatherOptions', 'gather', 'onError', (o) => gather([work], o)),
  takes('gatherSettled', undefined, 'gatherSettled', 'signal', (o) => gatherSettled([work], o)),
  takes('race', 'RaceOptions', 'race', 'signal', (o) => race([work], o)),
  takes('firstSuccess', 'RaceOptions', 'firstSuccess', 'signal', (o) => firstSuccess([work], o)),
  takes('asCompleted', 'AsCompletedOptions', 'asCompleted', 'timeout', (o) =>
    asCompleted([work], o),
  ),
  takes('wait', 'WaitOptions', 'wait', 'until', (o) => wait([], o)),
  takes('concurrently', 'ConcurrentlyOptions', 'concurrently', 'source', (o) =>
    concurrently(1, o, work),
  ),
  takes('concurrently', 'ConcurrentlyOptions', 'concurrently', 'grace', (o) => concurrently(1, o)),
  takes('Waiter', 'WaiterOptions', 'the waiter', 'suppressErrors', (o) => copies(o)),
  takes('Waiter.stop', 'StopOptions', 'stop', 'grace', (o) => copies.stop(o)),
];

const pool = threads({ size: 1 });

const engines: readonly Entry[] = [
  takes('threads', 'PoolOptions', 'threads', 'memory', (o) => threads(o)),
  takes('processes', 'PoolOptions', 'processes', 'maxTasks', (o) => processes(o)),
  takes('ExecutorPool.initialize', 'InitializeOptions', 'initialize', 'maxWorkers', (o) =>
    threadPool.initialize(o),
  ),
  takes('ExecutorPool.shutdown', undefined, 'shutdown', 'wait', (o) => processPool.shutdown(o)),
  takes('generateIn', 'GenerateOptions', 'generateIn', 'prefetch', (o) =>
    generateIn(pool, o, () => []),
  ),
  takes('RunSync.with', 'RunSyncOptions', 'runSync.with', 'timeout', (o) => runSync.with(o)),
  takes('Engine.submit', 'Call', 'submit', 'attempt', (o) => loop().submit(work, [], o)),
  takes('Engine.submit', 'Call', 'submit', 'exclusive', (o) => pool.submit(work, [], o)),
  takes('Engine.submit', 'Call', 'submit', 'index', (o) => fibers().submit(work, [], o)),
  takes('Engine.submit', 'Call', 'submit', 'extras', (o) => processes().submit(work, [], o)),
  takes('fibers', 'FiberOptions', 'fibers', 'layer', (o) => fibers(o)),
];

const tests: readonly Entry[] = [
  takes('virtual', 'VirtualOptions', 'virtual', 'autojump', (o) => virtual(work, o)),
  takes('explore', 'ExploreOptions', 'explore', 'strategy', (o) => explore(work, o)),
  takes('exploring', 'ExploreOptions', 'exploring', 'depth', (o) => exploring(work, o)),
  takes('engineContract', 'EngineContractOptions', 'engineContract', 'skip', (o) =>
    engineContract(loop, o),
  ),
  takes('engineContract', undefined, 'lacks', 'queues', (o) => engineContract(loop, { lacks: o })),
];

/** The handles that these calls give, whose methods are part of the surface. */
export const HANDLES: Readonly<Record<string, object>> = {
  ExecutorPool: threadPool,
  Flow: mapStream([1], work),
  RunSync: runSync,
  Waiter: copies,
};

/** All of them. */
export const CORE_AND_FLOW: readonly Entry[] = [...scopes, ...flows, ...engines, ...tests];
