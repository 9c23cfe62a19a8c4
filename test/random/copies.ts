/**
 * Copies of one body that share a source, and what their caller does with the waiter.
 *
 * @module
 */
import { concurrently, type Waiter } from 'skein';
import { Call, type Kind } from './call.ts';
import { audit, judgeCopies, Ledger } from './copies-judge.ts';
import { ENGINES, read } from './flows.ts';
import type { Copies } from './model.ts';

/** `concurrently`. */
export const copies: Kind<Copies> = {
  async run(call) {
    const { world, work } = call;
    const signal = call.take(work.signal);
    const reading = read(call as unknown as Call, work.source, (i) => i);
    const ledger = new Ledger();
    const { source } = reading.made;
    const engine = work.engine && ENGINES[work.engine];
    const options = { source, signal, grace: work.grace, engine };
    const waiter = concurrently<unknown>(work.copies, options, (context) => {
      const { index, signal } = context;
      const part = { as: 'body', place: index, context: { signal, attempt: 1 } } as const;
      const copy = new Call<Copies>(world, work, part, call as unknown as Call);
      return copy.record(
        () => ledger.copy(copy, context),
        () => undefined,
      );
    });
    world.audits.push(() => audit(call, reading, waiter, ledger));
    return ends[work.end](call, waiter);
  },

  judge: judgeCopies,
};

/** What the caller does. */
const ends: Readonly<Record<Copies['end'], (call: Call<Copies>, waiter: Waiter) => Promise<void>>> =
  {
    wait: (_call, waiter) => waiter(),
    failHard: (_call, waiter) => waiter({ failHard: true }),
    async stop({ world, work }, waiter) {
      await world.later(work.after);
      await waiter.stop();
    },
    async dispose({ world, work }, waiter) {
      await world.later(work.after);
      await Promise.all([waiter[Symbol.asyncDispose](), waiter[Symbol.asyncDispose]()]);
    },
    forget: async () => undefined,
  };
