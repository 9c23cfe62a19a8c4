import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { drawProgram } from './draw.ts';
import { find, tell } from './find.ts';
import { print } from './print.ts';
import { runProgram } from './run-program.ts';
import { Watchdog } from './watchdog.ts';

/** As many as are run here; `npm run soak:random` runs others. */
const SEEDS = 2000;
const AT_ONCE = 250;

let watchdog: Watchdog | undefined;

beforeAll(() => {
  watchdog = new Watchdog();
});

afterAll(() => watchdog?.[Symbol.dispose]());

describe('random programs of flows, scopes, limiters, queues and sources end as they should', () => {
  const chunks = Array.from({ length: SEEDS / AT_ONCE }, (_, i) => i * AT_ONCE);

  it.each(chunks)(`from seed %i on, ${AT_ONCE} of them`, { timeout: 60_000 }, async (first) => {
    const told: string[] = [];
    let count = 0;
    for await (const finding of find(first, AT_ONCE, watchdog)) {
      // The first two are made small, which takes some runs.
      if (count++ < 2) told.push(await tell(finding));
    }

    expect(count, `${count} programs are wrong, among them\n${told.join('\n')}`).toBe(0);
  });
});

describe('a random program', () => {
  it('is the same for the same seed', () => {
    expect(print(drawProgram(7))).toBe(print(drawProgram(7)));
    expect(print(drawProgram(7))).not.toBe(print(drawProgram(8)));
  });

  it('runs in the same way each time', async () => {
    for (let seed = 0; seed < 20; seed++) {
      const program = drawProgram(seed);

      expect(await runProgram(program)).toEqual(await runProgram(program));
    }
  });
});
