/**
 * Our engines as pools.
 *
 * @module
 */
import type { CopyContext, Engine } from '../../src/index.ts';
import { skein } from '../built.ts';
import { type OpenPool, type Pool, type TaskName, type Tasks, workerFile } from './pool.ts';

type Functions = { readonly [N in TaskName]: (argument: Tasks[N][0]) => Tasks[N][1] };

interface Own extends Functions {
  readonly bounce: (buffer: ArrayBuffer) => ArrayBuffer;
  readonly incrementLater: (n: number) => Promise<number>;
  readonly takeAll: (context: CopyContext<number>) => Promise<void>;
}

/** The tasks that ours declares. */
export function ownTasks(): Promise<Own> {
  return import(workerFile('own.mjs').href);
}

async function poolOf(engine: Engine): Promise<Pool> {
  const { map } = await skein();
  const own = await ownTasks();
  const tasks: Functions = own;
  const run: Pool['run'] = (name, argument) => engine.submit(tasks[name], [argument], {});
  return {
    run,
    move: (_, buffer) => engine.submit(tasks.lastByte, [buffer], { transfer: [buffer] }),
    bounce: (buffer) => engine.submit(own.bounce, [buffer], { transfer: [buffer] }),
    incrementAll: (items) => map(items, tasks.increment, { engine }),
    close: async () => engine[Symbol.asyncDispose](),
  };
}

/** Our threads. */
export const threadEngine: OpenPool = async (size) => {
  const { threads } = await skein();
  return poolOf(threads({ size }));
};

/** Our processes. */
export const processEngine: OpenPool = async (size) => {
  const { processes } = await skein();
  return poolOf(processes({ size }));
};
