import { checkpoint, sleep, TimedOut, timeout } from 'skein';
import { describe, expect, it } from 'vitest';
import type { Call, Kinds } from './call.ts';
import { flow } from './flows.ts';
import { leaf } from './leaves.ts';
import { timeLimit } from './limits.ts';
import type { Block, Flow, Leaf, Permits, TimeLimit, Work } from './model.ts';
import { permits } from './permits.ts';
import { KINDS, runProgram } from './run-program.ts';
import { block } from './scopes.ts';

const short: Leaf = { kind: 'leaf', how: 'sleep', takes: 1 };
const failing: Leaf = { ...short, fails: 1 };
const three: Flow = {
  kind: 'flow',
  call: 'map',
  source: { kind: 'source', of: 'array', items: 3, gap: 0, last: 'end' },
  bodies: [short],
};
const leaving: TimeLimit = {
  kind: 'timeout',
  after: 5,
  body: { kind: 'leaf', how: 'foreign', takes: 9 },
  abandon: true,
};
const deaf: Flow = { ...three, source: { ...three.source, of: 'deaf', last: 'silence' } };
const scope: Work = { kind: 'scope', body: short, tasks: [], cleanups: [] };

async function rules(work: Work, kinds: Partial<Kinds> = {}): Promise<string[]> {
  const violations = await runProgram({ work, outsideFirst: false }, { ...KINDS, ...kinds });
  return [...new Set(violations.map(({ rule }) => rule))];
}

/** The kind with something else in the place of what it does. */
function does<K extends keyof Kinds>(kind: Kinds[K], run: Kinds[K]['run']): Kinds[K] {
  return { ...kind, run } as Kinds[K];
}

async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
}

describe('the oracle of random programs has nothing to say', () => {
  it.each<[string, Work]>([
    ['of a wait', short],
    ['of a flow', three],
    ['of a flow that fails', { ...three, bodies: [failing] }],
    ['of a scope', scope],
    ['of one that leaves its work behind', leaving],
    [
      'of a source that does not close, of a flow that leaves it behind',
      { ...deaf, abandon: true },
    ],
    ['of a time-out', { kind: 'timeout', after: 5, body: { ...short, takes: 9 } }],
  ])('%s', async (_, work) => {
    expect(await rules(work)).toEqual([]);
  });
});

describe('the oracle of random programs sees', () => {
  it('a result that is missing', async () => {
    const run = async (call: Call<Flow>): Promise<unknown> =>
      ((await flow.run(call)) as []).slice(1);

    expect(await rules(three, { flow: does<'flow'>(flow, run) })).toEqual(['wrong value']);
  });

  it('an error that is swallowed', async () => {
    const run = async (call: Call<Flow>): Promise<unknown> => flow.run(call).catch(() => []);
    const work: Flow = { ...three, bodies: [failing] };

    expect(await rules(work, { flow: does<'flow'>(flow, run) })).toEqual(['no error']);
  });

  it('an error that is another', async () => {
    const run = async (call: Call<Flow>): Promise<unknown> =>
      flow
        .run(call)
        .catch((error: unknown) => Promise.reject(new Error('wrapped', { cause: error })));
    const work: Flow = { ...three, bodies: [failing] };

    expect(await rules(work, { flow: does<'flow'>(flow, run) })).toEqual(['wrong error']);
  });

  it('an item that is done twice', async () => {
    const run = async (call: Call<Flow>): Promise<unknown> => {
      const values = await flow.run(call);
      await call.do(short, { as: 'body', place: 2 });
      return values;
    };

    expect(await rules(three, { flow: does<'flow'>(flow, run) })).toContain('twice');
  });

  it('an end that comes late', async () => {
    const run = async (call: Call<Block>): Promise<unknown> => {
      const value = await block.run(call);
      await sleep(1);
      return value;
    };

    expect(await rules(scope, { scope: does<'scope'>(block, run) })).toEqual(['late']);
  });

  it('an end that comes before that of its parts', async () => {
    const run = async (call: Call<Block>): Promise<unknown> => {
      void block.run(call);
      return 'early';
    };

    expect(await rules(scope, { scope: does<'scope'>(block, run) })).toContain('outlived');
  });

  it('a time limit that is forgotten', async () => {
    const run = (call: Call<TimeLimit>): Promise<unknown> =>
      timeout(100, () => call.do(call.work.body, { as: 'body' }));
    const work: Work = { kind: 'timeout', after: 5, body: { ...short, takes: 9 } };

    expect(await rules(work, { timeout: does<'timeout'>(timeLimit, run) })).toEqual(['no error']);
  });

  it('a caller who is held by what it wants to leave behind', async () => {
    const run = (call: Call<TimeLimit>): Promise<unknown> =>
      timeout(5, () => call.do(call.work.body, { as: 'body' }));

    expect(await rules(leaving, { timeout: does<'timeout'>(timeLimit, run) })).toEqual(['late']);
  });

  it('work that was left behind and is not listed', async () => {
    const run = (call: Call<TimeLimit>): Promise<unknown> => {
      const late = sleep(5).then(() => Promise.reject(new TimedOut(5, 'it')));
      return Promise.race([call.do(call.work.body, { as: 'body' }), late]);
    };

    expect(await rules(leaving, { timeout: does<'timeout'>(timeLimit, run) })).toContain(
      'not listed',
    );
  });

  it('a permit that is lost', async () => {
    const run = async ({ world }: Call<Permits>): Promise<unknown> =>
      world.shared.semaphore.tryAcquire();
    const work: Work = { kind: 'permits', permits: 1, works: [short] };

    expect(await rules(work, { permits: does<'permits'>(permits, run) })).toEqual(['permit']);
  });

  it('a rejection that nobody handles', async () => {
    const run = async (): Promise<unknown> => {
      void Promise.reject(new Error('nobody'));
      return 'fine';
    };

    expect(await rules(short, { leaf: does<'leaf'>(leaf, run) })).toContain('unhandled');
  });

  it('a program that never ends', async () => {
    const run = (): Promise<unknown> => new Promise(() => undefined);

    expect(await rules(short, { moveOnAfter: does<'moveOnAfter'>(timeLimit, run) })).toEqual([
      'hang',
    ]);
  });

  it('one that never comes to rest', async () => {
    let given = false;
    const run = async (): Promise<unknown> => {
      while (!given) await checkpoint();
      return 'at last';
    };

    expect(await rules(short, { leaf: does<'leaf'>(leaf, run) })).toContain('spin');
    given = true;
    await turns(20);
  });
});
