/**
 * Two users ask for a page at once, and it is loaded once: a test that runs under every schedule, in vitest.
 *
 * @module
 */
import { gather, schedule, sleep, type Task } from 'skein';
import { exploring } from 'skein/testing';
import { expect, test } from 'vitest';

test(
  'a page that two users ask for is loaded once',
  exploring(async () => {
    let loads = 0;
    let loading: Task<string> | undefined;
    const load = async (): Promise<string> => {
      loads++;
      await sleep('1s');
      return 'page';
    };
    const page = async (): Promise<string> => {
      loading ??= schedule(load);
      return loading;
    };

    const pages = await gather([page, page]);

    expect([loads, ...pages]).toEqual([1, 'page', 'page']);
  }),
);
