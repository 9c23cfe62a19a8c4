import { globSync, readFileSync } from 'node:fs';
import * as skein from 'skein';
import { map, Semaphore, scope } from 'skein';
import * as fiber from 'skein/fiber';
import * as testing from 'skein/testing';
import { describe, expect, it } from 'vitest';
import { CORE_AND_FLOW, HANDLES } from './core-flow.ts';
import { type Entry, work, workDone } from './entry.ts';
import { HANDLES as MORE_HANDLES, SYNC_AND_PACE } from './sync-pace.ts';
import { WITHOUT_OPTIONS } from './without-options.ts';

const TABLE: readonly Entry[] = [...CORE_AND_FLOW, ...SYNC_AND_PACE];

/** A name whose first letters are swapped. */
function misspelt(name: string): string {
  return `${name[1]}${name[0]}${name.slice(2)}`;
}

async function iterate(outcomes: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of outcomes);
}

const hang = (): Promise<never> => skein.sleepForever();

/** What a call throws, or rejects with. */
async function refusal(call: () => unknown): Promise<unknown> {
  try {
    await call();
  } catch (error) {
    return error;
  }
  return 'accepted';
}

describe('an unknown option is refused, with the one that was probably meant', () => {
  it.each(TABLE)('$call: $knows of $owner', async ({ owner, knows, make }) => {
    const wrong = misspelt(knows);
    const before = workDone();

    const errors = await Promise.all([
      refusal(() => make({ [wrong]: 1 } as never)),
      refusal(() => make({ [wrong]: undefined } as never)),
      refusal(() => make(Object.assign(Object.create(null), { [wrong]: 1 }) as never)),
    ]);

    for (const error of errors) {
      expect(error).toBeInstanceOf(TypeError);
      expect(error).toHaveProperty(
        'message',
        `Unknown option ${wrong} of ${owner}: did you mean ${knows}?`,
      );
    }
    expect(workDone(), 'nothing has run').toBe(before);
  });

  it.each(TABLE)(
    '$call lists what $owner knows where no name is near',
    async ({ owner, knows, make }) => {
      const error = await refusal(() => make({ xyzzy: 1 } as never));

      expect(String(error)).toMatch(`TypeError: Unknown option xyzzy of ${owner}: known are `);
      expect(String(error).split(/[:,] |known are /)).toContain(knows);
      expect(String(error)).not.toContain('site');
    },
  );

  it.each(TABLE.filter(({ needsOthers }) => !needsOthers))(
    '$call refuses what is no object of options',
    async ({ make }) => {
      const never = new AbortController().signal;

      for (const wrong of [Promise.resolve({}), never, ['a'], null]) {
        expect(await refusal(() => make(wrong as never))).toBeInstanceOf(TypeError);
      }
    },
  );
});

describe('whoever returns a promise rejects, everybody else throws', () => {
  it('at once', async () => {
    const rejected = map([1], work, { concurency: 1 } as never);

    await expect(rejected).rejects.toThrow('concurrency');
    expect(() => new Semaphore(1, { maks: 1 } as never)).toThrow('max');
  });
});

describe('what is no literal may have any names', () => {
  it('a context is a fine { signal }', async () => {
    const seen = await map([1], (_, context) => skein.gather([() => 'in'], context as never));

    expect(seen).toEqual([['in']]);
  });

  it.each<[string, (options: never) => unknown]>([
    ['gather', (o) => skein.gather([hang], o)],
    ['gatherSettled', (o) => skein.gatherSettled([hang], o)],
    ['race', (o) => skein.race([hang], o)],
    ['firstSuccess', (o) => skein.firstSuccess([hang], o)],
    ['asCompleted', (o) => iterate(skein.asCompleted([hang], o))],
    ['collect', (o) => skein.collect([hang], o)],
    ['resolve', (o) => skein.resolve([hang], o).toArray()],
    ['concurrent', (o) => skein.concurrent([hang], o).toArray()],
    ['map', (o) => map([1], hang, o)],
    ['wait', (o) => scope((s) => skein.wait([s.spawn(hang, { daemon: true })], o).then(work))],
    ['scope', (o) => scope(o, hang)],
    ['Lock.acquire', (o) => new skein.Lock().acquire(o)],
    [
      'Condition.waitFor',
      (o) => {
        const condition = new skein.Condition();
        return condition.lock.with(() => condition.waitFor(() => false, o));
      },
    ],
  ])('its signal counts: %s', async (_, make) => {
    const abort = new AbortController();
    // As a context has it.
    const context = Object.create(
      { signal: abort.signal },
      { index: { value: 0, enumerable: true } },
    );
    abort.abort('enough');

    expect(String(await refusal(() => make(context as never)))).toMatch('enough');
  });

  it('so are options that are inherited, and an instance of a class', async () => {
    class Defaults {
      readonly concurrency = 1;
      readonly comment = 'ours';
    }

    expect(await map([1], (n) => n, new Defaults())).toEqual([1]);
    expect(await map([1], (n) => n, Object.create({ concurrency: 1, comment: '' }))).toEqual([1]);
  });
});

describe('options in the wrong place', () => {
  it('of scope come first', async () => {
    const call = scope as (...args: unknown[]) => Promise<unknown>;

    await expect(call(work, { timeout: 5 })).rejects.toThrow(
      'Expected options of scope to come before its body',
    );
  });
});

describe('the table is complete', () => {
  const listed = new Set(TABLE.map(({ call }) => call));

  it('it has every type of options that the entries export', () => {
    const indexes = globSync('src/{index.ts,testing/index.ts,engines/fiber/index.ts}');
    const text = indexes.map((path) => readFileSync(path, 'utf8')).join('\n');
    const types = text.match(/\b\w+(?:Options|Bounds|PacedRun|BucketRun)\b|\bCall\b/g) ?? [];
    const known = new Set(TABLE.map(({ type }) => type));

    expect([...new Set(types)].filter((type) => !known.has(type))).toEqual([]);
  });

  it('every function and method with a parameter is in it, or is known to take none', () => {
    const surface = callables();

    expect(surface.filter((call) => !listed.has(call) && !WITHOUT_OPTIONS.has(call))).toEqual([]);
  });
});

/** The functions that the entries export, and the methods of what these are or give; without those that take nothing. */
function callables(): string[] {
  const found: string[] = [];
  const exported = new Set<unknown>(Object.values({ ...skein, ...fiber, ...testing }));
  for (const [name, value] of Object.entries({ ...skein, ...fiber, ...testing })) {
    if (typeof value !== 'function') continue;
    const isClass = /^class\b/.test(String(value));
    if (isClass && !(value.prototype instanceof Error)) methods(name, value.prototype, exported);
    else if (!isClass && hasParameters(value)) found.push(name);
  }
  for (const [name, handle] of Object.entries({ ...HANDLES, ...MORE_HANDLES })) {
    methods(name, handle, new Set());
  }
  return [...new Set(found)];

  function methods(name: string, from: object, upTo: ReadonlySet<unknown>): void {
    for (let at: object | null = from; isOurs(at); at = Object.getPrototypeOf(at)) {
      if (at !== from && upTo.has(at.constructor)) return;
      for (const [key, { value }] of Object.entries(Object.getOwnPropertyDescriptors(at))) {
        if (typeof value !== 'function' || key === 'constructor' || key === 'prototype') continue;
        if (hasParameters(value)) found.push(`${name}.${key}`);
      }
    }
  }
}

function isOurs(value: object | null): value is object {
  return value !== null && value !== Object.prototype && value !== Function.prototype;
}

function hasParameters(fn: unknown): boolean {
  return !/^(?:async )?\*?(?:function\b)? ?[\w$]*\(\)/.test(String(fn));
}
