import { globSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';

/** Written by `npm run check`, which type-checks them too. */
const examples = globSync('.doctest/*.ts').sort();

describe('the examples of the documentation', () => {
  it('have been written', () => {
    expect(examples.length).toBeGreaterThan(20);
  });

  it.each(examples)('%s runs', async (path) => {
    await import(pathToFileURL(resolve(path)).href);
  });
});
