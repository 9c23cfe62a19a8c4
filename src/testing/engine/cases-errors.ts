/**
 * The engine contract: what a body throws reaches its caller as what it was.
 *
 * @module
 */
import type { Engine } from '../../core/engine.ts';
import { equal, type Failure, failure, holds, matches, rejection, settled } from './check.ts';
import type { CaseBody } from './contract-case.ts';
import * as tasks from './contract-tasks.ts';

const { Refusal } = tasks;

/** The same failure, thrown at once and later. */
async function thrownBoth(engine: Engine, kind: string): Promise<readonly Failure[]> {
  return Promise.all([
    failure(engine.submit(tasks.failWith, [kind], {})),
    failure(engine.submit(tasks.failLater, [kind], {})),
  ]);
}

function isRefusal(thrown: unknown, status: number): void {
  holds(thrown instanceof Refusal, `${String(thrown)} is an instance of its class`);
  const error = thrown as InstanceType<typeof Refusal>;
  equal(
    [error.name, error.message, error.code, error.status],
    ['Refusal', `Refused with ${status}`, 'ERR_REFUSED', status],
  );
  equal(error.details, { tried: ['a', 'b'], at: new Date(86_400_000) });
}

function failsWith(what: string, kind: string, check: (error: Failure) => void): CaseBody {
  return {
    name: `an error keeps ${what}`,
    size: 1,
    async body({ engine }) {
      for (const error of await thrownBoth(engine, kind)) check(error);
    },
  };
}

/** What is thrown. */
export const errorCases: readonly CaseBody[] = [
  failsWith('its message, and its stack names the body', 'plain', (error) => {
    equal([error.name, error.message, error.constructor], ['Error', 'plain failure', Error]);
    matches(error.stack, /plain failure/);
    matches(error.stack, /contract-tasks/);
  }),
  failsWith('its built-in class', 'type', (error) => {
    holds(error instanceof TypeError, 'it is a TypeError');
    equal([error.name, error.message], ['TypeError', 'wrong type']);
  }),
  failsWith('its registered class, with fields', 'registered', (error) => isRefusal(error, 403)),
  failsWith('its name and fields where the class is unknown', 'unheard', (error) => {
    equal([error.name, error.message, error.volume], ['Unheard', 'not heard', 11]);
  }),
  failsWith('fields that were added to it', 'fields', (error) => {
    equal([error.code, error.errno, error.path], ['E_CODE', -2, '/x']);
    equal(error.message, 'with fields');
  }),
  failsWith('its chain of causes', 'cause', (error) => {
    equal(error.message, 'outer');
    const middle = error.cause as Error;
    holds(middle instanceof TypeError, 'the cause is a TypeError');
    equal(middle.message, 'middle');
    isRefusal(middle.cause, 404);
  }),
  failsWith('a cause that is no error', 'causeText', (error) => {
    equal([error.message, error.cause], ['outer', 'a text']);
  }),
  failsWith('the errors of an AggregateError', 'aggregate', (error) => {
    holds(error instanceof AggregateError, 'it is an AggregateError');
    const { errors, message } = error as unknown as AggregateError;
    equal([message, errors.length, errors[2]], ['several', 3, 'three']);
    holds(errors[0] instanceof RangeError, 'the first is a RangeError');
    equal((errors[0] as Error).message, 'one');
    isRefusal(errors[1], 2);
  }),
  failsWith('all but the field that cannot be sent', 'unclonable', (error) => {
    equal([error.message, error.code], ['half sent', 'E_HALF']);
  }),
  failsWith('a reference to itself', 'circular', (error) => {
    equal(error.message, 'circular');
  }),
  failsWith('what can be read of it', 'hostile', (error) => {
    equal(error.message, 'hostile');
  }),
  failsWith('sixty causes', 'deep', (error) => {
    equal(error.message, 'at 59');
    let last: Error = error;
    while (last.cause instanceof Error) last = last.cause;
    equal(last.message, 'at the bottom');
  }),
  {
    name: 'what is thrown and can be sent nowhere is an end of its call all the same',
    size: 1,
    async body({ engine }) {
      for (const kind of ['symbol', 'function']) {
        await rejection(engine.submit(tasks.failWith, [kind], {}));
        await rejection(engine.submit(tasks.failLater, [kind], {}));
      }
      equal(await engine.submit(tasks.echo, [1], {}), 1, 'the engine goes on');
    },
  },
  {
    name: 'what is thrown and no error is thrown as it is: null, undefined, text, an object',
    size: 1,
    async body({ engine }) {
      const thrown: Record<string, unknown> = {
        null: null,
        undefined: undefined,
        text: 'a text',
        object: { reason: 'an object', count: 3 },
      };

      for (const [kind, value] of Object.entries(thrown)) {
        equal(await rejection(engine.submit(tasks.failWith, [kind], {})), value, kind);
        equal(await rejection(engine.submit(tasks.failLater, [kind], {})), value, kind);
      }
    },
  },
  {
    name: 'an error of one call is no concern of the others in its batch',
    size: 1,
    async body({ engine }) {
      const outcomes = await Promise.all(
        Array.from({ length: 60 }, (_, i) =>
          settled<unknown>(
            i % 3 === 1
              ? engine.submit(tasks.failWith, ['plain'], { index: i })
              : engine.submit(tasks.echo, [i], { index: i }),
          ),
        ),
      );

      outcomes.forEach((outcome, i) => {
        if (i % 3 === 1) equal(outcome.status, 'rejected', `call ${i}`);
        else equal(outcome, { status: 'fulfilled', value: i });
      });
    },
  },
  {
    name: 'an argument that cannot be sent fails its own call only, and is named by its path',
    needs: ['copies'],
    size: 1,
    async body({ engine }) {
      const bad = { deep: [{ onDone: (): void => undefined }] };
      const calls = [
        engine.submit(tasks.echo, [1], {}),
        engine.submit(tasks.echo, [bad], { name: 'sent' }),
        engine.submit(tasks.echo, [Symbol('s')], {}),
        engine.submit(tasks.echo, [2], {}),
      ];
      const [first, second, third, fourth] = await Promise.all(calls.map(settled));

      equal(first, { status: 'fulfilled', value: 1 });
      equal(fourth, { status: 'fulfilled', value: 2 });
      const error = (second as PromiseRejectedResult).reason as Failure;
      equal([error.code, error.path], ['ERR_UNCLONABLE', 'args[0].deep[0].onDone']);
      matches(error.message, /args\[0\]\.deep\[0\]\.onDone is a function/);
      equal(((third as PromiseRejectedResult).reason as Failure).code, 'ERR_UNCLONABLE');
      equal(await engine.submit(tasks.echo, [3], {}), 3, 'the engine goes on');
    },
  },
  {
    name: 'a result that cannot be sent fails its own call only, and is named by its path',
    needs: ['copies'],
    size: 1,
    async body({ engine }) {
      const [before, bad, after] = await Promise.all([
        settled(engine.submit(tasks.echo, [{ a: 1 }], {})),
        settled(engine.submit(tasks.giveFunction, [], {})),
        settled(engine.submit(tasks.echo, [{ b: 2 }], {})),
      ]);

      equal(before, { status: 'fulfilled', value: { a: 1 } });
      equal(after, { status: 'fulfilled', value: { b: 2 } });
      const error = (bad as PromiseRejectedResult).reason as Failure;
      equal(error.code, 'ERR_UNCLONABLE');
      matches(error.message, /nested\.onDone is a function/);
      equal(await engine.submit(tasks.echo, [3], {}), 3, 'the engine goes on');
    },
  },
];
