/**
 * Scopes, as blocks and as handles, with tasks, clean-ups and all that can end them.
 *
 * @module
 */
import { openScope, type Scope, type ScopeOptions, schedule, scope } from 'skein';
import { Call, type Kind } from './call.ts';
import type { Block, Handle, TaskPart } from './model.ts';
import { judgeBlock, judgeEnd, judgeHandle } from './scope-judge.ts';

/** `scope(options, body)`. */
export const block: Kind<Block> = {
  run(call) {
    const { work } = call;
    return scope({ ...optionsOf(call), shield: work.shield }, async (s) => {
      fill(call, s);
      if (work.cancelAfter !== undefined) cancelLater(call, s);
      return call.do(work.body, { as: 'body' });
    });
  },
  judge: judgeBlock,
};

/** `openScope(options)`. */
export const handle: Kind<Handle> = {
  async run(call) {
    const { work, world } = call;
    const s = openScope(optionsOf(call));
    fill(call, s);
    if (work.cancelAfter !== undefined) cancelLater(call, s);
    const ends = work.ends.map(async ({ how, after }, place) => {
      if (after > 0) await world.later(after);
      const end = new Call<Handle>(world, work, { as: 'end', place }, call as unknown as Call);
      const act = async (): Promise<void> => (how === 'join' ? s.join() : s[Symbol.asyncDispose]());
      await end.record(act, (ended) => judgeEnd(ended, call, how));
    });
    const outcomes = await Promise.allSettled(ends);
    const failed = outcomes.find(({ status }) => status === 'rejected');
    if (failed !== undefined) throw (failed as PromiseRejectedResult).reason;
    return world.fresh('handle');
  },
  judge: judgeHandle,
};

function optionsOf(call: Call<Block> | Call<Handle>): ScopeOptions {
  const { work } = call;
  const signal = call.take(work.signal);
  const { timeout, limit, grace, abandon } = work;
  const onError = work.goesOn ? 'continue' : undefined;
  return { timeout, limit, grace, abandon, onError, signal };
}

/** The timer of a program, which knows nothing of scopes: it may call after the end. */
function cancelLater({ world, work }: Call<Block> | Call<Handle>, s: Scope): void {
  const cancel = (): void => s.cancel('by the program');
  if (work.cancelAfter === 0) cancel();
  else world.after(work.cancelAfter as number, cancel);
}

/** Puts tasks and clean-ups into a scope. */
function fill(call: Call<Block> | Call<Handle>, s: Scope): void {
  const { tasks, cleanups } = call.work;
  cleanups.forEach(({ work, timeout }, place) => {
    const cleanup = async (context: { readonly signal: AbortSignal }): Promise<void> => {
      await call.do(work, {
        as: 'cleanup',
        place,
        context: { signal: context.signal, attempt: 1 },
      });
    };
    s.defer(cleanup, timeout === undefined ? {} : { timeout });
  });
  for (const [place, part] of tasks.entries()) start(call, s, part, place);
}

function start(call: Call<Block> | Call<Handle>, s: Scope, part: TaskPart, place: number): void {
  const body = (context: { readonly signal: AbortSignal }): Promise<unknown> =>
    call.do(part.work, { as: 'task', place, context: { signal: context.signal, attempt: 1 } });
  const task =
    part.how === 'schedule' && call.work.kind === 'scope'
      ? schedule(body)
      : s.spawn(body, { daemon: part.how === 'daemon' });
  if (part.cancelAfter !== undefined) {
    if (part.cancelAfter === 0) task.cancel('by the program');
    else call.world.after(part.cancelAfter, () => task.cancel('by the program'));
  }
}
