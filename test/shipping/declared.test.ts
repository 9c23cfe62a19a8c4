import { pathToFileURL } from 'node:url';
import { task } from 'skein';
import { describe, expect, it } from 'vitest';
import { CallContext } from '../../src/core/context.ts';
import type { Call } from '../../src/core/engine.ts';
import { rootToken } from '../../src/core/token.ts';
import { type Submit, tasksOfModule } from '../../src/shipping/module-tasks.ts';
import { ship } from '../../src/shipping/ship.ts';

const url = 'file:///module.ts';

describe('task', () => {
  it('gives the function itself', () => {
    const add = (a: number, b: number) => a + b;

    expect(task(import.meta, add)).toBe(add);
  });

  it.each([
    ['import.meta', import.meta, import.meta.url],
    ['a URL', new URL(url), url],
    ['the text of a URL', 'https://host/module.ts', 'https://host/module.ts'],
    ['a path', '/a b/module.cjs', pathToFileURL('/a b/module.cjs').href],
  ])('takes %s', (_, where, href) => {
    const fn = task(where, () => 1, `from ${href}`);

    expect(ship(fn)).toEqual({ kind: 'module', url: href, name: `from ${href}`, declared: true });
  });

  it.each([
    [
      'a relative path',
      './module.ts',
      "got './module.ts'. Write new URL('./module.ts', import.meta.url)",
    ],
    ['a number', 1, 'got 1'],
    ['an object without a url', {}, 'got an instance of Object'],
    ['nothing', undefined, 'got undefined'],
  ])('does not take %s', (_, where, message) => {
    expect(() => task(where as string, () => 1, 'a')).toThrow(TypeError);
    expect(() => task(where as string, () => 1, 'a')).toThrow(message);
  });

  it('takes functions only', () => {
    expect(() => task(url, 1 as never)).toThrow('Expected fn to be a function: got 1');
  });

  it('needs a name', () => {
    expect(() => task(url, () => 1)).toThrow('Expected name of an anonymous function to be given');
    expect(() => task(url, () => 1, 1 as never)).toThrow('Expected name to be a string: got 1');
  });

  it('takes a name once in a module', () => {
    task(import.meta, () => 1, 'once');

    expect(() => task(import.meta, () => 2, 'once')).toThrow(
      `Expected names of tasks to be unique: "once" is declared twice in ${import.meta.url}. ` +
        'Give one of them another name, and declare tasks at the top level of their module only',
    );
    task('file:///other.ts', () => 3, 'once');
  });

  it('takes the same function again', () => {
    const fn = () => 1;

    expect(task(url, fn, 'again')).toBe(task(url, fn, 'again'));
  });

  it('takes a module again that was evaluated again', () => {
    const meta = (): ImportMeta => ({ url: 'file:///reloaded.ts' }) as ImportMeta;
    task(meta(), () => 1, 'reloaded');

    expect(() => task(meta(), () => 2, 'reloaded')).not.toThrow();
  });
});

describe('moduleTasks', () => {
  interface Images {
    resize(path: string, width: number): string;
    readonly version: number;
  }
  let submit: Submit;
  const images = tasksOfModule<Images>(url, (...call) => submit(...call));

  it('gives each function once, by name', () => {
    expect(images.resize).toBe(images.resize);
    expect(images.resize.name).toBe('resize');
  });

  it('gives functions that can be sent', () => {
    expect(ship(images.resize)).toEqual({ kind: 'module', url, name: 'resize', declared: false });
  });

  it('is no promise', async () => {
    expect(await images).toBe(images);
  });

  it('runs direct calls where the engines say', async () => {
    const calls: unknown[] = [];
    submit = async (fn, args, call) => calls.push([fn, args, call]);

    expect(await images.resize('a.png', 200)).toBe(1);
    expect(calls).toEqual([[images.resize, ['a.png', 200], { name: 'resize' }]]);
  });

  it('passes the context of a call in place on as a call', async () => {
    const calls: { args: readonly unknown[]; call: Call }[] = [];
    submit = async (_, args, call) => calls.push({ args, call });
    const context = new CallContext(rootToken, 3, 2);
    await (images.resize as (...args: unknown[]) => Promise<unknown>)('a.png', context);

    expect(calls[0]?.args).toEqual(['a.png']);
    expect(calls[0]?.call).toMatchObject({ name: 'resize', index: 3, attempt: 2 });
    expect(calls[0]?.call.signal).toBe(context.signal);
  });

  it('does not take a relative path', () => {
    expect(() => tasksOfModule('./images.ts', async () => undefined)).toThrow(TypeError);
  });
});
