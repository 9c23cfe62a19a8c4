/**
 * The everyday surface of skein: scopes and tasks, waiting, flows, engines.
 *
 * @module
 */

export type { Arguments, Received } from './core/body.ts';
export type { WaitBounds } from './core/bounds.ts';
export type { Cleanup } from './core/cleanups.ts';
export type { Context, MaybePromise, Thunk } from './core/context.ts';
export { type EngineSource, setDefaultEngine } from './core/default-engine.ts';
export type { Duration } from './core/duration.ts';
export type { Call, Engine, Transferred } from './core/engine.ts';
export {
  BrokenBarrier,
  Cancelled,
  ChannelClosed,
  Deadlock,
  type ErrorCase,
  handleErrors,
  isCancelled,
  ScopeClosed,
  type StuckTask,
  StuckTasks,
  TaskNotDone,
  TimedOut,
  WouldBlock,
} from './core/errors.ts';
export type { StopSignal } from './core/exit-codes.ts';
export { now } from './core/kernel.ts';
export type { Wrappable, Wrapped } from './core/likeness.ts';
export type { Lease, Limiter, Op } from './core/limiter.ts';
export { type EventSource, type Listener, once } from './core/once.ts';
export type { Ready, Starter } from './core/ready.ts';
export { type RunOptions, run } from './core/run.ts';
export type { ContextRunner, Runner } from './core/runner.ts';
export type { Scope, ScopeOptions, SpawnOptions } from './core/scope.ts';
export {
  type Body,
  checkCancelled,
  currentScope,
  currentSignal,
  currentTask,
  detached,
  effectiveDeadline,
  moveOnAfter,
  openScope,
  type ShieldOptions,
  schedule,
  scope,
  shield,
  type TimeoutOptions,
  timeout,
  timeoutAt,
} from './core/scopes.ts';
export { checkpoint, every, sleep, sleepForever, sleepUntil } from './core/sleep.ts';
export type { Source } from './core/source.ts';
export type { OnRejected, Settled, Task } from './core/task.ts';
export { TaskLocal } from './core/task-local.ts';
export { cancellable, until } from './core/until.ts';
export { type Resume, suspend } from './core/wait.ts';
export { getDefaultEngine } from './engines/default-engine.ts';
export { loop } from './engines/loop.ts';
export { EngineClosed } from './engines/pool/engine-closed.ts';
export type { ExecutorPool, InitializeOptions } from './engines/pool/executor-pool.ts';
export {
  type GenerateOptions,
  type Generating,
  generateIn,
  type Sent,
} from './engines/pool/generate.ts';
export { initData } from './engines/pool/init-data.ts';
export { LateError } from './engines/pool/late-error.ts';
export type { LateErrorListener } from './engines/pool/listeners.ts';
export { move } from './engines/pool/move.ts';
export { NestedTooDeep } from './engines/pool/nesting.ts';
export { CPU_CORES, type PoolOptions } from './engines/pool/pool-options.ts';
export { WorkerDied } from './engines/pool/worker-died.ts';
export type { WorkerEngine } from './engines/pool/worker-engine.ts';
export {
  generateInProcess,
  inProcess,
  processes,
  processPool,
} from './engines/process/processes.ts';
export { moduleTasks } from './engines/thread/module-tasks.ts';
export { type RunSync, type RunSyncOptions, runSync } from './engines/thread/run-sync.ts';
export { generateInThread, inThread, threadPool, threads } from './engines/thread/threads.ts';
export type { AnySource, TaskSource, ValueOf } from './flow/adopt.ts';
export { type AsCompletedOptions, asCompleted } from './flow/as-completed.ts';
export { type CollectOptions, collect, type ResolveOptions, resolve } from './flow/collect.ts';
export {
  ConcurrentError,
  ConcurrentExecutionError,
  ConcurrentIteratorError,
  type ConcurrentOptions,
  concurrent,
} from './flow/concurrent.ts';
export {
  type ConcurrentlyOptions,
  type CopyBody,
  type CopyContext,
  concurrently,
} from './flow/concurrently.ts';
export type { UnfinishedItem } from './flow/copies.ts';
export type { Flow } from './flow/flow.ts';
export { type AnyRecord, type GatherOptions, gather, gatherSettled } from './flow/gather.ts';
export { map, mapStream, type StreamOptions } from './flow/map.ts';
export type { FlowOptions, FlowStats, Mapper } from './flow/options.ts';
export type { Outcome } from './flow/outcome.ts';
export { firstSuccess, type RaceOptions, race } from './flow/race.ts';
export { UnhandledErrors } from './flow/unhandled-errors.ts';
export { type WaitOptions, wait } from './flow/wait.ts';
export type { StopOptions, Waiter, WaiterOptions } from './flow/waiter.ts';
export {
  type AdaptiveLimiter,
  type AdaptiveOptions,
  type AdaptiveStats,
  adaptive,
} from './pace/adaptive.ts';
export { allOf } from './pace/all-of.ts';
export { attemptsOf } from './pace/attempts.ts';
export type { BackoffOptions } from './pace/backoff.ts';
export { type KeyedLimiters, keyed } from './pace/keyed.ts';
export { type CallableLimiter, type CallableLimiterStats, limiter } from './pace/limiter.ts';
export type { CallOptions, LimiterOptions } from './pace/limiter-options.ts';
export type { PacedOptions } from './pace/paced.ts';
export type { LineOverflow } from './pace/priority-line.ts';
export { parseRate, type Rate, type RateText } from './pace/rate.ts';
export { rateLimited } from './pace/rate-limited.ts';
export {
  type PacedRun,
  RateLimiter,
  type RateOptions,
  type RateStats,
} from './pace/rate-limiter.ts';
export { type RetryCallOptions, retry } from './pace/retry.ts';
export type { RetryAfter } from './pace/retry-after.ts';
export {
  RetryBudget,
  type RetryBudgetOptions,
  type RetryBudgetStats,
} from './pace/retry-budget.ts';
export type { RetryOptions } from './pace/retry-policy.ts';
export type { LeaseOutcome } from './pace/sizing.ts';
export {
  type BucketOptions,
  type BucketRun,
  type BucketStats,
  TokenBucket,
} from './pace/token-bucket.ts';
export { task } from './shipping/declared.ts';
export { ImportingWorker, NotShippable, TaskNotFound } from './shipping/errors.ts';
export type { ModuleTasks } from './shipping/module-tasks.ts';
export { registerError } from './shipping/register-error.ts';
export { type Culprit, Unclonable } from './shipping/unclonable.ts';
export { AsyncEvent } from './sync/async-event.ts';
export { Barrier } from './sync/barrier.ts';
export { Broadcast, type BroadcastOptions } from './sync/broadcast.ts';
export { CapacityLimiter, type CapacityStats } from './sync/capacity-limiter.ts';
export { type Channel, type ChannelOptions, channel } from './sync/channel.ts';
export { Condition } from './sync/condition.ts';
export type { Overflow, Store } from './sync/conduit.ts';
export { Deferred } from './sync/deferred.ts';
export { KeyedLock } from './sync/keyed-lock.ts';
export type { Limited, RunBounds } from './sync/limited.ts';
export { Lock } from './sync/lock.ts';
export {
  LifoQueue,
  type OrderedQueueOptions,
  PriorityQueue,
  type PriorityQueueOptions,
} from './sync/ordered-queues.ts';
export type { LimiterStats, Party } from './sync/permit.ts';
export { Queue, type QueueOptions, type QueueStats } from './sync/queue.ts';
export { ReadWriteLock, type ReadWriteLockOptions } from './sync/read-write-lock.ts';
export type { ChannelStats, Receiver } from './sync/receiver.ts';
export {
  type Operations,
  type Selected,
  type SelectOptions,
  select,
  timer,
} from './sync/select.ts';
export { BoundedSemaphore, Semaphore, type SemaphoreOptions } from './sync/semaphore.ts';
export type { Sender } from './sync/sender.ts';
export { WaitGroup } from './sync/wait-group.ts';
