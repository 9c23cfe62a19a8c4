/**
 * What the tests of retrying share.
 *
 * @module
 */
import { type Context, map, type RetryOptions, retry } from 'skein';

/** Throws its own error at each attempt, and notes when. */
export function failing(times: number[] = [], clock = { now: () => 0 }) {
  return async ({ attempt }: Context): Promise<never> => {
    times.push(clock.now());
    throw new Error(`no. ${attempt}`);
  };
}

/** What a promise rejects with. */
export const caught = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'nothing thrown',
    (error: unknown) => error,
  );

/** Makes attempts. */
interface Form {
  readonly form: string;
  run(fn: (context: Context) => unknown, options: RetryOptions): Promise<unknown>;
}

/** The same options in both forms: a call of `retry`, and a flow of one item. */
export const forms: readonly Form[] = [
  { form: 'retry', run: (fn, options) => retry(fn, options) },
  {
    form: 'map',
    run: (fn, options) =>
      map([0], (_item, context) => fn(context), { retry: options }).then(([value]) => value),
  },
];
