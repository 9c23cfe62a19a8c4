/**
 * Runs a pump to its end and waits for it: what `map`, `collect`, `gather` and `race` have in common.
 *
 * @module
 */
import { Cancelled } from '../core/errors.ts';
import type { Settled } from '../core/task.ts';
import { currentToken } from '../core/token.ts';
import { Join, Wait } from '../core/wait.ts';
import type { FlowPlan } from './options.ts';
import { Pump, type Sink, type Work } from './pump.ts';

/** Collects outcomes; `result` is asked for when all has ended well. */
export interface Collector<R, O> extends Pick<Sink<R>, 'value' | 'error'> {
  /** The errors are part of the result; otherwise they become one AggregateError. */
  readonly keepsErrors?: boolean;
  result(): O;
}

/**
 * Runs `work` and gives what the collector made of it. No cancellation ends the wait itself: the pump stops, and with it the wait.
 *
 * @param collector gets a function that ends the flow early, with success
 */
export function runToEnd<T, R, O>(
  plan: FlowPlan,
  work: Work<T, R>,
  makeCollector: (stop: () => void) => Collector<R, O>,
): Promise<O> {
  if (currentToken().effective !== undefined) return new Wait<O>(plan.name).promise;
  const join = new Join<O>(plan.name);
  let enough = false;
  const collector = makeCollector(() => {
    enough = true;
    pump.stop('enough');
  });
  const aggregate = (): ReturnType<typeof pump.aggregate> =>
    collector.keepsErrors === true ? undefined : pump.aggregate();
  const pump: Pump<T, R> = new Pump(
    plan,
    work,
    {
      value: (index, value) => collector.value(index, value),
      error: (index, error) => collector.error(index, error),
      waiting: 0,
      end() {
        const failed = enough ? pump.failure : (pump.verdict() ?? aggregate());
        if (failed !== undefined) join.fail(failed.error);
        else join.ok(collector.result());
      },
    },
    Number.POSITIVE_INFINITY,
  );
  pump.start();
  return join.promise;
}

/** Collects values in input order. The list grows without holes, or a late index would turn it into a dictionary. */
export function listCollector<R>(): Collector<R, R[]> {
  const values: (R | undefined)[] = [];
  return {
    value(index, value) {
      while (values.length < index) values.push(undefined);
      if (values.length === index) values.push(value);
      else values[index] = value;
    },
    error: () => undefined,
    result: () => values as R[],
  };
}

/** Collects how each input ended, in input order. */
export function settledCollector(): Collector<unknown, Settled<unknown>[]> {
  const list = listCollector<Settled<unknown>>();
  return {
    value: (index, value) => list.value(index, { status: 'done', value }),
    error: (index, error) => list.value(index, failure(error)),
    keepsErrors: true,
    result: list.result,
  };
}

function failure(error: unknown): Settled<unknown> {
  return error instanceof Cancelled ? { status: 'cancelled', error } : { status: 'failed', error };
}
