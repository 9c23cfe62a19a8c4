/**
 * The engine contract: flows over the engine.
 *
 * @module
 */
import { map, mapStream } from '../../flow/map.ts';
import { equal, failure, holds } from './check.ts';
import type { CaseBody } from './contract-case.ts';
import * as tasks from './contract-tasks.ts';

const { Refusal } = tasks;

/** Flows. */
export const flowCases: readonly CaseBody[] = [
  {
    name: 'map: results in the order of the inputs',
    async body({ engine }) {
      const inputs = Array.from({ length: 100 }, (_, i) => i);

      equal(await map(inputs, tasks.echoLater, { engine }), inputs);
      equal(await map([], tasks.echo, { engine }), []);
    },
  },
  {
    name: 'map: the index of an input reaches the body',
    async body({ engine }) {
      const shown = await map(['a', 'b', 'c'], tasks.showContext, { engine });

      equal(
        shown,
        ['a', 'b', 'c'].map((label, index) => ({
          label,
          index,
          attempt: 1,
          aborted: false,
          colour: undefined,
        })),
      );
    },
  },
  {
    name: 'map: retry starts a body anew, with its attempt',
    async body({ engine, journal }) {
      const inputs = [0, 2, 1].map((failures) => [journal.place, failures] as const);
      const retry = { retries: 2, backoff: 0, jitter: 'none' } as const;

      const results = await map(inputs, tasks.flaky, { engine, retry });

      equal(results, ['0 at 1', '1 at 3', '2 at 2']);
      equal(journal.names('attempt').toSorted(), ['0:1', '1:1', '1:2', '1:3', '2:1', '2:2']);
    },
  },
  {
    name: 'map: no retry, no second attempt',
    async body({ engine, journal }) {
      const error = await failure(map([[journal.place, 1] as const], tasks.flaky, { engine }));

      holds(error instanceof Refusal, 'the error is the one of the body');
      equal(journal.names('attempt'), ['0:1']);
    },
  },
  {
    name: 'map: a time-out is one of each attempt',
    async body({ engine, journal }) {
      const retry = { retries: 1, backoff: 0, jitter: 'none' } as const;

      const results = await map([journal.place], tasks.slowFirst, { engine, retry, timeout: 500 });

      equal(results, [2]);
      equal(journal.names('attempt'), ['1', '2']);
    },
  },
  {
    name: 'map: the first error stops the rest, which has ended when the call does',
    async body({ engine, journal }) {
      const inputs = [[journal.place, 0] as const, [journal.place, 1] as const];
      const error = await failure(map(inputs, tasks.failWhenHeld, { engine, concurrency: 2 }));

      holds(error instanceof Refusal, 'the error is the one of the body');
      equal(journal.names('end'), ['1']);
    },
  },
  {
    name: 'map: `continue` runs everything and collects the errors',
    async body({ engine }) {
      const error = await failure(
        map([0, 1, 2, 3], tasks.failOdd, { engine, onError: 'continue' }),
      );

      holds(error instanceof AggregateError, 'it is an AggregateError');
      const { errors } = error as unknown as AggregateError;
      equal(errors.map((e: InstanceType<typeof Refusal>) => e.status).toSorted(), [1, 3]);
    },
  },
  {
    name: 'mapStream: leaving early cancels what runs, and waits for its end',
    async body({ engine, journal }) {
      const inputs = [0, 1, 2, 3, 4, 5].map((n) => [journal.place, n] as const);
      let pulled = 0;
      const source = (function* () {
        for (const input of inputs) {
          pulled++;
          yield input;
        }
      })();

      for await (const value of mapStream(source, tasks.holdAllButFirst, {
        engine,
        concurrency: 2,
        buffer: 2,
      })) {
        equal(value, 0);
        await journal.seen('start');
        break;
      }

      equal(journal.names('end').toSorted(), journal.names('start').toSorted());
      holds(pulled < inputs.length, 'no more was pulled than could be worked at');
    },
  },
  {
    name: 'mapStream: a signal stops the flow',
    async body({ engine, journal }) {
      const controller = new AbortController();
      const { signal } = controller;
      const flow = mapStream(
        [1, 2].map((n) => [journal.place, n] as const),
        tasks.holdAll,
        {
          engine,
          signal,
        },
      );
      const all = flow.toArray();
      await journal.seen('start');

      const enough = new Error('enough');
      controller.abort(enough);

      holds((await failure(all)) === enough, 'it rejects with the reason itself');
      equal(journal.names('cancelled').toSorted(), journal.names('start').toSorted());
    },
  },
];
