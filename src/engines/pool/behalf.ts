/**
 * On whose behalf code runs that a worker has called back. If it makes a call of its own to the same pool, that must not wait for a worker:
 * the one that it would get may be the one that waits for it.
 *
 * @module
 */
import { TaskLocal } from '../../core/task-local.ts';
import type { PoolCall } from './pool-call.ts';

/** The call whose callback, source or limiter is being asked here; null where none is. */
export const behalf: TaskLocal<PoolCall | null> = new TaskLocal<PoolCall | null>('call', null);
