/**
 * Instances of classes that go through a pool in all ways: beside shared objects, as results, by generators and callbacks.
 *
 * @module
 */
import { AsyncEvent, channel, type Engine, generateIn, limiter, Queue, Semaphore } from 'skein';
import { describe, expect, it } from 'vitest';
import { POOLS } from './pools.ts';
import { newClass, said } from './warned.ts';

const engines: readonly [string, Engine][] = POOLS.map(({ name, make }) => [name, make()]);

const classes: Record<string, new () => object> = {};

describe.each(engines)('an instance and %s', (_, engine) => {
  it('that is shared is none', async () => {
    const [sender, receiver] = channel<number>(1);
    const values = [new Queue(), sender, receiver, new AsyncEvent(), new Semaphore(1), limiter(1)];

    await engine.submit((..._: unknown[]) => undefined, [values, new AbortController().signal], {});

    expect(await said()).toEqual([]);
  });

  it('beside something shared is a warning too', async () => {
    const Point = newClass();

    await engine.submit((_: unknown) => undefined, [{ queue: new Queue(), at: new Point() }], {});

    expect(await said()).toEqual([expect.stringContaining('args[0].at is an instance of Point')]);
  });

  it.each<readonly [kind: string, named: RegExp, call: (engine: Engine, name: string) => unknown]>([
    [
      'result',
      /^the result is an instance of (\w+) and arrives as a plain object, .* \(call of "body"\)$/,
      (on, name) =>
        on.submit(
          function body(given: string) {
            const type = { [given]: class {} }[given] as new () => object;
            return new type();
          },
          [name],
          {},
        ),
    ],
    [
      'part of a result',
      /^result\.list\[0\] is an instance of (\w+) /,
      (on, name) =>
        on.submit(
          (given: string) => {
            const type = { [given]: class {} }[given] as new () => object;
            return { list: [new type()] };
          },
          [name],
          {},
        ),
    ],
    [
      'value of a generator',
      /^a value is an instance of (\w+) /,
      async (on, name) => {
        const generator = generateIn(
          on,
          {},
          function* (given: string) {
            const type = { [given]: class {} }[given] as new () => object;
            yield new type();
          },
          name,
        );
        for await (const _ of generator);
      },
    ],
    [
      'argument of a callback',
      /^what was sent is an instance of (\w+) /,
      (on, name) =>
        on.submit(
          (given: string, back: (value: object) => Promise<void>) => {
            const type = { [given]: class {} }[given] as new () => object;
            return back(new type());
          },
          [name, () => undefined],
          {},
        ),
    ],
    [
      'result of a callback',
      /^an item is an instance of (\w+) /,
      (on, name) => {
        classes[name] ??= { [name]: class {} }[name] as new () => object;
        const type = classes[name];
        return on.submit(
          async (back: () => Promise<object>) => void (await back()),
          [() => new type()],
          {},
        );
      },
    ],
  ])('is a warning of this process, once: %s', async (kind, named, call) => {
    const name = `Of${kind.replaceAll(' ', '')}In${engine.name}`;

    for (let n = 0; n < 3; n++) await call(engine, name);

    const messages = await said();
    expect(messages).toHaveLength(1);
    expect(named.exec(messages[0] as string)?.[1]).toBe(name);
  });
});
