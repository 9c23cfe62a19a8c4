/**
 * One dispatcher for all fibers of an engine. A fiber that has no parent makes one of its own, with a turn of the event loop for each
 * of its yields; here, as among the children of one fiber, all that yield in one turn go on in the next.
 *
 * @module
 */
import type { Context } from 'effect/Context';
import type { Scheduler } from 'effect/Scheduler';
import type { EffectLibrary } from './effect-library.ts';

/** The services with their scheduler, or Effect's own, giving out one dispatcher. */
export function withScheduler(
  { scheduler, context }: EffectLibrary,
  services: Context<never>,
): Context<never> {
  const host = context.get(services, scheduler.Scheduler);
  const dispatcher = host.makeDispatcher();
  const ours = Object.create(host, { makeDispatcher: { value: () => dispatcher } }) as Scheduler;
  return context.add(services, scheduler.Scheduler, ours);
}
