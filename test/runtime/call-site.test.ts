import { describe, expect, it } from 'vitest';
import { CallSite, framesOutside, placeOf, SiteSampler } from '../../src/runtime/call-site.ts';

const HERE = /call-site\.test\.ts:\d+:\d+$/;

function submit(): CallSite {
  return new CallSite(submit);
}

describe('CallSite', () => {
  it('is the place from which a function was called', () => {
    const { place, frames } = submit();

    expect(place).toMatch(HERE);
    expect(frames.split('\n')[0]).toContain(place);
    expect(frames).not.toContain('submit');
  });

  it('leaves the limit of stacks as it was', () => {
    const limit = Error.stackTraceLimit;
    submit();
    expect(Error.stackTraceLimit).toBe(limit);
  });

  it('tells even where the program wants no stacks', () => {
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    try {
      expect(submit().place).toMatch(HERE);
    } finally {
      Error.stackTraceLimit = limit;
    }
  });

  it('has no place where the program has its own idea of a stack', () => {
    const prepare = Error.prepareStackTrace;
    Error.prepareStackTrace = (_, sites) => sites.length;
    try {
      expect(submit()).toMatchObject({ place: undefined, frames: '' });
    } finally {
      Error.prepareStackTrace = prepare as typeof Error.prepareStackTrace & {};
    }
  });

  it('of the first calls of a function is their own, of later ones mostly that of an earlier call, which it says', () => {
    const sites = new SiteSampler();
    const site = (): CallSite => sites.sample(site);

    const own = Array.from({ length: 64 }, site);
    const later = Array.from({ length: 2560 }, site);

    expect(own.every(({ isEarlier }) => !isEarlier)).toBe(true);
    expect(later.filter(({ isEarlier }) => !isEarlier)).toHaveLength(10);
    expect(later.every(({ place }) => place?.includes('call-site.test.ts'))).toBe(true);
  });
});

describe('framesOutside', () => {
  it('removes the frames of the runtime and of this library', () => {
    const library = new URL('../../src/', import.meta.url);
    const stack = [
      'Error: at last',
      `    at Pool.submit (${library.href}engines/pool/pool.ts:4:7)`,
      `    at async map (${decodeURIComponent(library.pathname)}flow/map.ts:4:7)`,
      '    at Array.map (<anonymous>)',
      '    at async loader (node:internal/modules/esm/loader:647:26)',
      '    at ext:core/01_core.js:1:2',
      '    at main (file:///home/me/my%20app/main.ts:9:3)',
      '    at native',
      '    at async /home/me/(x)/b c.ts:1:2',
    ].join('\n');

    expect(framesOutside(stack)).toEqual([
      '    at main (file:///home/me/my%20app/main.ts:9:3)',
      '    at async /home/me/(x)/b c.ts:1:2',
    ]);
  });

  it.each([
    ['    at add (file:///a.ts:4:7)', 'file:///a.ts:4:7'],
    ['    at new A [as b] (/x (y)/a.ts:4:7)', '/x (y)/a.ts:4:7'],
    ['    at async file:///a.ts:4:7', 'file:///a.ts:4:7'],
    ['    at C:\\a b\\c.js:1:2', 'C:\\a b\\c.js:1:2'],
    ['    at eval (eval at run (file:///a.ts:4:7), <anonymous>:1:1)', 'file:///a.ts:4:7'],
    ['    at Array.map (<anonymous>)', undefined],
  ])('reads the place in %j', (line, expected) => {
    expect(placeOf(line)).toBe(expected);
  });
});
