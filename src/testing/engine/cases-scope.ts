/**
 * The engine contract: a body is a scope, wherever it runs. What it starts is its own.
 *
 * @module
 */
import { equal, failure, holds, settled } from './check.ts';
import type { CaseBody } from './contract-case.ts';
import * as tasks from './contract-tasks.ts';

/** What bodies start. */
export const scopeCases: readonly CaseBody[] = [
  {
    name: 'a call ends when the tasks and clean-ups of its body have',
    async body({ engine, journal }) {
      equal(await engine.submit(tasks.spawnAndReturn, [journal.place], {}), 'value');

      equal(journal.names('end'), ['child', 'clean-up']);
    },
  },
  {
    name: 'the failure of a task that a body started is the failure of the call',
    async body({ engine }) {
      const error = await failure(engine.submit(tasks.spawnFailure, [], {}));

      holds(error instanceof tasks.Refusal, 'it is the error of the task');
    },
  },
  {
    name: 'a cancellation reaches the tasks that a body has started',
    async body({ engine, journal }) {
      const controller = new AbortController();
      const { signal } = controller;
      const call = engine.submit(tasks.spawnAndWait, [journal.place], { signal });
      await journal.seen('start');

      controller.abort('enough');
      // Whether the body had returned by then or not.
      await settled(call);

      equal(journal.names('end'), ['child']);
    },
  },
];
