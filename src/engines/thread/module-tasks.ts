/**
 * The functions that a module exports, as tasks that run in threads when they are called.
 *
 * @module
 */
import { type ModuleTasks, tasksOfModule } from '../../shipping/module-tasks.ts';
import { threadPool } from './threads.ts';

/**
 * Gives the functions that a module exports as tasks. The module is imported by the workers only, never here, so it may be heavy or
 * start with much work. A task can be given to every engine that has workers, and to `map` and its like; called directly, it runs on the
 * shared thread pool. Names are looked up in the worker: one that the module does not export rejects with TaskNotFound.
 *
 * @typeParam M `typeof import('./x.ts')`, which imports types only
 * @param url absolute URL of the module: `new URL('./x.ts', import.meta.url)`
 * @throws TypeError if `url` is no absolute URL or path
 *
 * @example
 * ```ts no-run
 * import { map, moduleTasks, threads } from 'skein';
 *
 * const images = moduleTasks<typeof import('./images.ts')>(new URL('./images.ts', import.meta.url));
 *
 * const one = await images.resize('a.png', 200);
 * const all = await map(files, images.thumbnail, { engine: threads() });
 * ```
 */
export function moduleTasks<M extends object>(url: string | URL): ModuleTasks<M> {
  return tasksOfModule<M>(url, (fn, args, call) =>
    threadPool.shared.submit(fn as (...all: unknown[]) => unknown, args, call),
  );
}
