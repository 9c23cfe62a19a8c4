/**
 * The functions that a module exports, as tasks, without the module being imported here.
 *
 * @module
 */
import type { Arguments, Sendable, WithoutContext } from '../core/body.ts';
import { CallContext, type Context, type MaybePromise } from '../core/context.ts';
import type { Call } from '../core/engine.ts';
import { place, urlOf } from './declared.ts';
import type { AnyFunction } from './shipment.ts';

/** The functions of a module `M`, each returning a promise. */
export type ModuleTasks<M extends object> = {
  // biome-ignore lint/suspicious/noExplicitAny: functions of all shapes must fit.
  readonly [K in keyof M as M[K] extends (...args: any[]) => any ? K : never]: M[K] extends (
    ...args: infer A
  ) => infer R
    ? (...args: Direct<A>) => Promise<Awaited<R>>
    : never;
};

/** What a direct call gives for the parameters `P`: all but the context, which a flow without an engine gives, too. */
type Direct<P extends readonly unknown[]> = number extends P['length']
  ? Arguments<P>
  : Required<P> extends readonly [...unknown[], infer Last extends Context]
    ? unknown extends Last
      ? Sendable<P>
      : [...WithoutContext<P>, context?: Context]
    : Sendable<P>;

/** Runs a function in another heap: what a direct call of a module's task does. */
export type Submit = (
  fn: (...args: never[]) => MaybePromise<unknown>,
  args: readonly unknown[],
  call: Call,
) => Promise<unknown>;

/**
 * Makes the tasks of a module.
 *
 * @param submit what a direct call does
 * @throws TypeError if `url` is no absolute URL or path
 */
export function tasksOfModule<M extends object>(url: string | URL, submit: Submit): ModuleTasks<M> {
  const href = urlOf(url, 'url');
  const tasks = new Map<string, AnyFunction>();
  return new Proxy(Object.create(null) as ModuleTasks<M>, {
    get(_, name) {
      // A module of tasks is awaited or printed like any other object.
      if (typeof name === 'symbol' || name === 'then' || name === 'toJSON') return undefined;
      let task = tasks.get(name);
      if (task === undefined) {
        task = taskOf(href, name, submit);
        tasks.set(name, task);
      }
      return task;
    },
  });
}

function taskOf(url: string, name: string, submit: Submit): AnyFunction {
  const task = async (...args: unknown[]): Promise<unknown> => {
    // A function of the library that runs it in place has added the context, which the worker makes for itself.
    const last = args.at(-1);
    if (!(last instanceof CallContext)) return submit(task, args, { name });
    const { signal, index, attempt } = last;
    return submit(task, args.slice(0, -1), { name, signal, index, attempt });
  };
  Object.defineProperty(task, 'name', { value: name });
  place(task, { kind: 'module', url, name, declared: false });
  return task;
}
