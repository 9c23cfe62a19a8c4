import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';

/** Runs a program outside any scope and gives the names of its warnings and how it ended. */
function run(program: string): string {
  const text = `
import { concurrently, sleep } from 'skein';
process.on('warning', (warning) => console.log(warning.name, warning.errors.map(String).join()));
const failing = async ({ index }) => { throw new Error('copy ' + index); };
const collect = async () => { for (let i = 0; i < 10; i++) { gc(); await sleep(5); } };
${program}`;
  const flags = [
    '--expose-gc',
    '--conditions=@skein/source',
    '--no-warnings',
    '--input-type=module',
  ];
  return execFileSync('node', [...flags, '-e', text], { encoding: 'utf8' }).trim();
}

describe('errors of copies outside any scope', () => {
  it('are no errors of the process, and a warning when nobody can ask for them any more', () => {
    const program = `
await (async () => { concurrently(2, {}, failing); await sleep(5); })();
await collect();
console.log('alive');`;
    expect(run(program)).toBe('UnhandledErrors Error: copy 0,Error: copy 1\nalive');
  });

  it('are no warning while somebody can ask, nor when somebody has', () => {
    const program = `
const held = concurrently(1, {}, failing);
await (async () => { const waiter = concurrently(1, {}, failing); await sleep(5); waiter.exceptions; })();
await collect();
console.log('held', held.exceptions.length);`;
    expect(run(program)).toBe('held 1');
  });
});
