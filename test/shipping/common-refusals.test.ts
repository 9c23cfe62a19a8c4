/**
 * What a CommonJS program is told of functions that cannot be sent: ways out that are there.
 *
 * @module
 */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { hasInspector } from './has-inspector.ts';

// Elsewhere the messages are other ones: the host does not tell what a variable is, nor where a function was written.
describe.runIf(hasInspector)('a refusal in a CommonJS program', () => {
  let messages: Record<string, string> = {};
  beforeAll(async () => {
    const program = fileURLToPath(new URL('fixtures/refusals.cjs', import.meta.url));
    const args = [...process.execArgv, '--conditions=@skein/source', program];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    messages = JSON.parse(stdout) as typeof messages;
  }, 60_000);

  const declare =
    'or declare the function with task\\(__filename, …\\) at the top level of a module';
  const place = '\\(called at \\S+refusals\\.cjs:\\d+:\\d+\\)$';

  it.each([
    ['usesModule', 'Pass "path" as an argument, import it inside the function'],
    ['usesRequire', 'Write await import(…) inside the function in the place of require(…)'],
    [
      'usesBoth',
      'Write await import(…) inside the function in the place of require(…), and pass the others as arguments',
    ],
    ['usesFolder', 'Pass "__dirname" as an argument'],
  ])('tells what can be done: %s', (name, way) => {
    const words = way.replaceAll(/[().…]/g, '\\$&');

    expect(messages[name]).toMatch(new RegExp(`${words}, ${declare} ${place}`));
  });

  it('tells so of what belongs to the module, too', () => {
    expect(messages.usesThis).toContain('declare the function with task(__filename, …)');
  });

  it.each([
    ['count', 'Counter.count'],
    ['add', 'api.add'],
  ])('of a member of an export tells to export the function itself: %s', (name, path) => {
    expect(messages[name]).toMatch(
      new RegExp(
        `${declare}\\. Or export the function itself, which its module has as ${path} only, and it is found there ${place}`,
      ),
    );
  });
});
