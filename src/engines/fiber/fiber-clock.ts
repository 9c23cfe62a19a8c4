/**
 * Effect's clock on ours, so that an Effect that sleeps is in a library wait: virtual time moves past it, and the task tree shows it.
 *
 * @module
 */
import type { Clock } from 'effect/Clock';
import type { Context } from 'effect/Context';
import { kernel, now } from '../../core/kernel.ts';
import { Join } from '../../core/wait.ts';
import { tokenAtHand } from './body-frame.ts';
import type { EffectLibrary } from './effect-library.ts';

/** The services with a clock whose sleeps are ours, unless they have a clock of their own. */
export function withClock(library: EffectLibrary, services: Context<never>): Context<never> {
  const { clock, context } = library;
  if (services.mapUnsafe.has(clock.Clock.key)) return services;
  const host = context.get(services, clock.Clock);
  const ours = Object.create(host, { sleep: { value: sleeper(library) } }) as Clock;
  return context.add(services, clock.Clock, ours);
}

function sleeper({ effect, duration }: EffectLibrary): Clock['sleep'] {
  return (span) => {
    const ms = duration.toMillis(span);
    if (ms <= 0) return effect.yieldNow;
    return effect.callback<void>((resume) => {
      // The fiber is interrupted by its own cancellation; in a finalizer it must be able to sleep all the same.
      const wait = new Join<void>('sleep of a fiber', tokenAtHand());
      const timer =
        ms === Number.POSITIVE_INFINITY
          ? undefined
          : kernel.clock.at(now() + ms, () => {
              wait.ok();
              resume(effect.void);
            });
      return effect.sync(() => {
        timer?.stop();
        wait.ok();
      });
    });
  };
}
