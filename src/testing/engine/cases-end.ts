/**
 * The engine contract: wrong use, and the end of an engine.
 *
 * @module
 */
import type { Call, Engine } from '../../core/engine.ts';
import { equal, failure, holds, isPending, matches, rejection, settled } from './check.ts';
import type { CaseBody } from './contract-case.ts';
import * as tasks from './contract-tasks.ts';
import { pause } from './journal.ts';

/** A call as somebody makes it whom no type checker holds. */
function submitAnyhow(engine: Engine, fn: unknown, args: unknown, call: unknown): Promise<unknown> {
  return engine.submit(fn as () => unknown, args as [], call as Call);
}

function disposal(engine: Engine): Promise<void> {
  return Promise.resolve(engine[Symbol.asyncDispose]());
}

const WRONG_CALLS: readonly {
  readonly what: string;
  readonly fn?: unknown;
  readonly args?: unknown;
  readonly call?: unknown;
  readonly error: new (message?: string) => Error;
  readonly says: RegExp;
}[] = [
  { what: 'a function that is none', fn: 'echo', error: TypeError, says: /function.*'echo'/ },
  { what: 'no function', fn: null, error: TypeError, says: /function.*null/ },
  { what: 'arguments that are no array', args: 7, error: TypeError, says: /args.*array.*7/ },
  { what: 'no arguments', args: null, error: TypeError, says: /args.*array.*null/ },
  { what: 'a call that is no object', call: 5, error: TypeError, says: /object.*5/ },
  { what: 'a negative time-out', call: { timeout: -1 }, error: RangeError, says: /timeout.*-1/ },
  {
    what: 'a time-out NaN',
    call: { timeout: Number.NaN },
    error: RangeError,
    says: /timeout.*NaN/,
  },
  {
    what: 'a text as time-out',
    call: { timeout: 'soon' },
    error: RangeError,
    says: /timeout.*soon/,
  },
  { what: 'an object as time-out', call: { timeout: {} }, error: TypeError, says: /timeout/ },
  { what: 'a negative grace', call: { grace: -1 }, error: RangeError, says: /grace.*-1/ },
  { what: 'a transfer that is no list', call: { transfer: 7 }, error: TypeError, says: /transfer/ },
  { what: 'a signal that is none', call: { signal: {} }, error: TypeError, says: /signal/ },
];

/** Wrong use. */
export const misuseCases: readonly CaseBody[] = WRONG_CALLS.map((wrong) => ({
  name: `wrong use is an immediate error: ${wrong.what}`,
  size: 1,
  async body({ engine, journal }) {
    const { fn = tasks.mark, args = [journal.place, 'ran'], call = {} } = wrong;
    // A default does not replace null.
    const given = [
      'fn' in wrong ? wrong.fn : fn,
      'args' in wrong ? wrong.args : args,
      'call' in wrong ? wrong.call : call,
    ];

    const error = await failure(submitAnyhow(engine, given[0], given[1], given[2]));

    equal(error.constructor, wrong.error, String(error));
    matches(error.message, wrong.says);
    equal(journal.entries(), []);
  },
}));

/** The end. */
export const endCases: readonly CaseBody[] = [
  {
    name: 'can be disposed before its first use, and twice',
    async body({ engine }) {
      await engine[Symbol.asyncDispose]();
      await engine[Symbol.asyncDispose]();
    },
  },
  {
    name: 'dispose waits for what runs and for what is in line',
    needs: ['closes', 'queues'],
    size: 1,
    async body({ engine, journal }) {
      const running = engine.submit(tasks.hold, [journal.place, 'running'], {});
      const queued = engine.submit(tasks.mark, [journal.place, 'queued'], {});
      await journal.seen('start');

      const disposed = disposal(engine);
      await pause(20);
      holds(await isPending(disposed), 'it waits');
      journal.release();
      await disposed;

      equal(journal.names('start'), ['running', 'queued']);
      equal(await settled(running), { status: 'fulfilled', value: 'running' });
      equal(await settled(queued), { status: 'fulfilled', value: 'queued' });
    },
  },
  {
    name: 'two disposals at once both wait for the end',
    needs: ['closes'],
    async body({ engine, journal }) {
      const running = engine.submit(tasks.hold, [journal.place, 'running'], {});
      await journal.seen('start');

      const first = disposal(engine);
      const second = disposal(engine);
      holds(await isPending(second), 'the second waits');
      journal.release();
      await Promise.all([first, second]);

      equal(await running, 'running');
    },
  },
  {
    name: 'what is submitted after disposal is an immediate error that says what to do',
    needs: ['closes'],
    async body({ engine, journal }) {
      equal(await engine.submit(tasks.add, [1, 2], {}), 3);
      await engine[Symbol.asyncDispose]();

      const error = await failure(engine.submit(tasks.mark, [journal.place, 'never'], {}));

      matches(error.message, new RegExp(engine.name));
      matches(error.message, /dispos|closed|shut/i);
      equal(journal.entries(), []);
    },
  },
  {
    name: 'what is submitted during disposal is refused, what was before is finished',
    needs: ['closes'],
    async body({ engine, journal }) {
      const running = engine.submit(tasks.hold, [journal.place, 'running'], {});
      await journal.seen('start');
      const disposed = disposal(engine);

      const error = await failure(engine.submit(tasks.mark, [journal.place, 'never'], {}));
      matches(error.message, /dispos|closed|shut/i);

      journal.release();
      await disposed;
      equal(await running, 'running');
      equal(journal.names('start'), ['running']);
    },
  },
  {
    name: 'can be cancelled while it is disposed',
    needs: ['closes'],
    async body({ engine, journal }) {
      const controller = new AbortController();
      const { signal } = controller;
      const running = rejection(engine.submit(tasks.hold, [journal.place, 'running'], { signal }));
      await journal.seen('start');
      const disposed = disposal(engine);

      controller.abort('enough');
      await disposed;

      equal(await running, 'enough');
    },
  },
];
