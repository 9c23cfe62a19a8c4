/**
 * The functions and methods that have parameters, but none for options. A new one is written down here, or in a table.
 *
 * @module
 */
export const WITHOUT_OPTIONS: ReadonlySet<string> = new Set(
  `
    setDefaultEngine handleErrors isCancelled detached sleep sleepUntil TaskLocal.run cancellable once until suspend
    move generateInProcess generateInThread inProcess inThread moduleTasks runSync task registerError fiber causeOf
    allOf attemptsOf parseRate RateLimiter.wrap TokenBucket.wrap CallableLimiter.wrap RateLimiter.check RateLimiter.pauseFor TokenBucket.check TokenBucket.pauseFor
    AdaptiveLimiter.enter AdaptiveLimiter.call AdaptiveLimiter.learn AdaptiveLimiter.wrap CallableLimiter.clear KeyedLimiters.get
    CapacityLimiter.enter CapacityLimiter.call CapacityLimiter.wrap Lock.enter Lock.call Lock.wrap KeyedLock.tryAcquire KeyedLock.stats
    Semaphore.tryAcquire Semaphore.release Semaphore.resize Semaphore.rebound Semaphore.enter Semaphore.call Semaphore.wrap BoundedSemaphore.resize
    Condition.notify Deferred.resolve Deferred.reject Deferred.then WaitGroup.add timer
    Queue.tryPut Queue.putBack Queue.putting Queue.close Receiver.putBack Sender.trySend Sender.sending Sender.close Flow.forEach
    replay Sequencer.at assertNoLeaks leaksSince
  `
    .trim()
    .split(/\s+/),
);
