import { describe, expect, it } from 'vitest';
import pkg from '../package.json' with { type: 'json' };

const entries = Object.keys(pkg.exports).filter((entry) => !entry.endsWith('.json'));

describe('the public entries', () => {
  it.each(entries)('%s exports exactly what the snapshot lists', async (entry) => {
    const module: Record<string, unknown> = await import(entry.replace(/^\./, pkg.name));

    expect(Object.keys(module).sort()).toMatchSnapshot();
  });
});
