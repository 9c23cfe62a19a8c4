/**
 * Our engines as pools.
 *
 * @module
 */
import type { Engine } from '../../src/index.ts';
import type { OpenPool, Pool, TaskName, Tasks } from './pool.ts';

type Functions = { readonly [N in TaskName]: (argument: Tasks[N][0]) => Tasks[N][1] };

interface Own extends Functions {
  readonly bounce: (buffer: ArrayBuffer) => ArrayBuffer;
}

async function poolOf(engine: Engine): Promise<Pool> {
  const { map } = await import('../../src/index.ts');
  const own: Own = await import('./own-tasks.ts');
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
  const { threads } = await import('../../src/index.ts');
  return poolOf(threads({ size }));
};

/** Our processes. */
export const processEngine: OpenPool = async (size) => {
  const { processes } = await import('../../src/index.ts');
  return poolOf(processes({ size }));
};
