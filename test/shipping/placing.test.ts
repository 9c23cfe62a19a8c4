/**
 * The place of a text in its file: a copy that is made of it has the stack that the function itself has.
 *
 * @module
 */
import { EOL } from 'node:os';
import { describe, expect, it } from 'vitest';
import { encodeThrown } from '../../src/shipping/error-codec.ts';
import { load } from '../../src/shipping/load.ts';
import { isGuess, placed, restored } from '../../src/shipping/placing.ts';
import { ship } from '../../src/shipping/ship.ts';
import type { AnyFunction, Shipment, Site, SourceShipment } from '../../src/shipping/shipment.ts';
import { hasInspector } from './has-inspector.ts';

const site: Site = { frames: '    at main (file:///app.ts:41:12)', place: 'file:///app.ts:41:12' };

function thrownBy(fn: AnyFunction): Error {
  try {
    fn();
  } catch (error) {
    return error as Error;
  }
  return expect.fail('nothing was thrown');
}

/** `file:line:column` of the first frame. A copy knows its file by its URL. */
function placeIn(stack: string | undefined): string | undefined {
  const [, place] = /^\s+at .*?\(?((?:file:\/\/)?\/[^()]*:\d+:\d+)\)?$/m.exec(stack ?? '') ?? [];
  return place?.replace('file://', '');
}

/** The shipment with its place. */
function sent(fn: AnyFunction): SourceShipment {
  return placed(fn, ship(fn) as Shipment, site) as SourceShipment;
}

/** What a copy throws, as the caller sees it. */
function stackThere(fn: AnyFunction, shipment: SourceShipment): string {
  const copy = load(structuredClone(shipment)) as AnyFunction;
  const encoded = restored(encodeThrown(thrownBy(copy)), fn, shipment, site);
  return encoded.errors[0]?.stack ?? '';
}

describe.runIf(hasInspector)('a function that is sent as text', () => {
  const shelf = {
    method() {
      throw new Error('a method');
    },
    get value() {
      throw new Error('a getter');
    },
  };
  const deeper = () => {
    const inside = () => {
      throw new Error('inside');
    };
    inside();
  };
  const again = (left = 2) => {
    if (left === 0) throw new Error('at last');
    again(left - 1);
  };
  const getter = Object.getOwnPropertyDescriptor(shelf, 'value')?.get as AnyFunction;

  it.each<readonly [string, AnyFunction]>([
    ['a method', shelf.method],
    ['a getter', getter],
    ['an arrow with another in it', deeper],
    ['one that calls itself', again],
    [
      'an anonymous function',
      () => {
        throw new Error('anonymous');
      },
    ],
  ])('has the stack of the original: %s', (_, fn) => {
    expect(placeIn(stackThere(fn, sent(fn)))).toBe(placeIn(thrownBy(fn).stack));
  });

  it('is looked at once', () => {
    const fn = () => 'once';

    expect(sent(fn)).toBe(sent(fn));
    expect(ship(fn)).not.toHaveProperty('place');
  });

  it('is taken for another of the same text, until it throws', () => {
    const first = () => {
      throw new Error('twin');
    };
    const second = () => {
      throw new Error('twin');
    };
    const [one, two] = [sent(first), sent(second)];
    expect([isGuess(one), isGuess(two)]).toEqual([false, true]);
    expect(two.place).toEqual(one.place);

    const stacks = [stackThere(first, one), stackThere(second, two), stackThere(second, two)];

    const [here, there] = [placeIn(thrownBy(first).stack), placeIn(thrownBy(second).stack)];
    expect(here).not.toBe(there);
    expect(stacks.map(placeIn)).toEqual([here, there, there]);
  });

  it('of one literal is looked at again a few times, then no more', () => {
    const make = (): AnyFunction => () => {
      throw new Error('from a loop');
    };
    const guessed: boolean[] = [];
    for (let n = 0; n < 12; n++) {
      const fn = make();
      const shipment = sent(fn);
      guessed.push(isGuess(shipment));
      expect(placeIn(stackThere(fn, shipment))).toBe(placeIn(thrownBy(fn).stack));
      expect(isGuess(shipment)).toBe(false);
    }

    expect(guessed).toEqual([false, ...Array(8).fill(true), false, false, false]);
  });

  it('moves the frames of its own text only, also in the errors that its error leads to', () => {
    const first = () => {
      const cause = new Error('why');
      throw new AggregateError([new Error('one')], 'many', { cause });
    };
    const second = () => {
      const cause = new Error('why');
      throw new AggregateError([new Error('one')], 'many', { cause });
    };
    const [, two] = [sent(first), sent(second)];
    const copy = load(structuredClone(two)) as AnyFunction;
    const thrown = thrownBy(copy) as AggregateError;
    const foreign = `${two.place?.url}:${(two.place?.line ?? 0) + 40}:1`;
    thrown.stack = `${thrown.stack}\n    at elsewhere (${foreign})`;

    const { errors } = restored(encodeThrown(thrown), second, two, site);

    const here = thrownBy(second) as AggregateError;
    const all = [here, here.cause as Error, here.errors[0] as Error];
    expect(errors.map(({ stack }) => placeIn(stack)).toSorted()).toEqual(
      all.map(({ stack }) => placeIn(stack)).toSorted(),
    );
    expect(errors[0]?.stack).toContain(foreign);
  });

  it.each<readonly [string, AnyFunction]>([
    ['import', async () => (await import('node:os')).EOL],
    // biome-ignore lint/security/noGlobalEval: it is what the test is about.
    ['eval', async () => (await globalThis.eval('import("node:os")')).EOL],
    ['Function', async () => (await new Function('return import("node:os")')()).EOL],
  ])('can import from the host by %s', async (_, fn) => {
    const shipment = sent(fn);
    expect(shipment.place).toBeDefined();

    expect(await (load(structuredClone(shipment)) as AnyFunction)()).toBe(EOL);
  });

  it('names no place while coverage counts by the place in a file', () => {
    process.env.NODE_V8_COVERAGE = '/nowhere';
    try {
      expect(sent(() => 'counted')).not.toHaveProperty('place');
    } finally {
      delete process.env.NODE_V8_COVERAGE;
    }
  });
});

describe('a function whose file nobody knows', () => {
  it('is named by the file of the call', () => {
    const made = new Function('return 1') as AnyFunction;

    expect(sent(made).place).toEqual({ url: 'file:///app.ts#anonymous', line: 0, column: 0 });
  });

  it('has no place without a call either', () => {
    const made = new Function('return 2') as AnyFunction;

    expect(placed(made, ship(made) as Shipment, undefined)).not.toHaveProperty('place');
  });
});
