import { EventEmitter } from 'node:events';
import { cancellable, isCancelled, once, type Scope, schedule, scope, until } from 'skein';
import { idle, virtual } from 'skein/testing';
import { describe, expect, it } from 'vitest';
import { kernel } from '../../src/core/kernel.ts';

/** All that listens to an emitter. */
const listeners = (emitter: EventEmitter): number =>
  emitter.eventNames().reduce((count, name) => count + emitter.listenerCount(name), 0);

/** An emitter that does something whenever it is given a listener of `ready`, before or after it has taken it. */
function onReady(when: 'before' | 'after', act: (emitter: EventEmitter) => void): EventEmitter {
  return new (class extends EventEmitter {
    override on(event: string | symbol, listener: (...args: unknown[]) => void): this {
      if (event !== 'ready') return super.on(event, listener);
      if (when === 'before') act(this);
      super.on(event, listener);
      if (when === 'after') act(this);
      return this;
    }
  })();
}

/** The listener that is being added, for emitters that call it themselves. */
function replaying(values: readonly unknown[]): EventEmitter {
  return new (class extends EventEmitter {
    override on(event: string | symbol, listener: (...args: unknown[]) => void): this {
      if (event === 'ready') for (const value of values) listener(value);
      return super.on(event, listener);
    }
  })();
}

describe('once, where the emitter answers while it adds the listener,', () => {
  it.each([
    {
      how: 'after it has added it',
      emitter: () => onReady('after', (each) => each.emit('ready', 7)),
    },
    {
      how: 'twice',
      emitter: () =>
        onReady('after', (each) => {
          each.emit('ready', 7);
          each.emit('ready', 8);
        }),
    },
    { how: 'before it adds it', emitter: () => replaying([7]) },
    { how: 'twice before it adds it', emitter: () => replaying([7, 8]) },
    {
      how: "in 'newListener'",
      emitter: () => {
        const emitter = new EventEmitter();
        emitter.once('newListener', (_, listener: (value: number) => void) => listener(7));
        return emitter;
      },
    },
    {
      how: 'and then throws',
      emitter: () =>
        onReady('after', (each) => {
          each.emit('ready', 7);
          throw new Error('too late');
        }),
    },
  ])('$how: gives the first event, and leaves no listener', ({ emitter }) =>
    virtual(async () => {
      const made = emitter();

      expect(await once(made, 'ready')).toBe(7);
      expect(listeners(made)).toBe(0);
      expect(kernel.outside).toBe(0);
    }),
  );

  it.each([
    {
      how: 'with an error',
      emitter: () => onReady('after', (each) => each.emit('error', new Error('broken'))),
    },
    {
      how: 'by throwing, after it has added it',
      emitter: () =>
        onReady('after', () => {
          throw new Error('broken');
        }),
    },
    {
      how: 'by throwing, before it adds it',
      emitter: () =>
        onReady('before', () => {
          throw new Error('broken');
        }),
    },
    {
      how: "by throwing in 'newListener'",
      emitter: () => {
        const emitter = new EventEmitter();
        emitter.once('newListener', () => {
          throw new Error('broken');
        });
        return emitter;
      },
    },
    {
      how: 'with an error when it is given the listener of errors',
      emitter: () => {
        const emitter = new EventEmitter();
        emitter.on('newListener', (event, listener: (error: Error) => void) => {
          if (event === 'error') listener(new Error('broken'));
        });
        emitter.setMaxListeners(1);
        return emitter;
      },
    },
  ])('$how: rejects, and leaves no listener', ({ emitter }) =>
    virtual(async () => {
      const made = emitter();

      await expect(once(made, 'ready')).rejects.toThrow('broken');
      made.removeAllListeners('newListener');
      expect(listeners(made)).toBe(0);
      expect(kernel.outside).toBe(0);
    }),
  );

  it('by cancelling whoever waits: rejects, and leaves no listener', () =>
    virtual(async () => {
      let cancel = (): void => undefined;
      const emitter = onReady('before', () => cancel());

      const ended = scope(async (s: Scope) => {
        cancel = () => s.cancel('enough');
        await once(emitter, 'ready');
      });
      await expect(ended).rejects.toMatchObject({ reason: 'enough' });
      expect(listeners(emitter)).toBe(0);
    }));

  it('as an EventTarget: gives the event, and leaves no listener', () =>
    virtual(async () => {
      const added = new Set<unknown>();
      const target = {
        addEventListener(_: string, listener: unknown) {
          (listener as (event: Event) => void)(new Event('load'));
          added.add(listener);
        },
        removeEventListener: (_: string, listener: unknown) => void added.delete(listener),
      };

      expect(await once<Event>(target, 'load')).toMatchObject({ type: 'load' });
      expect(added.size).toBe(0);
    }));
});

describe('once', () => {
  it('waits for an event that a symbol names, and shows its name', () =>
    virtual(async () => {
      const ready = Symbol('ready');
      const emitter = new EventEmitter();
      setImmediate(() => emitter.emit(ready, 1));

      expect(await once(emitter, ready)).toBe(1);
      expect(listeners(emitter)).toBe(0);
    }));

  it('removes its own listeners and no others', () =>
    virtual(async () => {
      const emitter = new EventEmitter();
      const heard: unknown[] = [];
      const own = (value: unknown): void => void heard.push(value);
      emitter.on('ready', own);
      emitter.on('error', own);
      const first = schedule(() => once(emitter, 'ready'));
      const second = schedule(() => once(emitter, 'ready'));
      await idle();

      first.cancel();
      await first.settled();
      expect([emitter.listenerCount('ready'), emitter.listenerCount('error')]).toEqual([2, 2]);
      emitter.emit('ready', 7);

      expect(await second).toBe(7);
      expect([emitter.listeners('ready'), emitter.listeners('error')]).toEqual([[own], [own]]);
      expect(heard).toEqual([7]);
    }));

  it('waits for an error where that is the event', () =>
    virtual(async () => {
      const emitter = new EventEmitter();
      setImmediate(() => emitter.emit('error', 'the event'));

      expect(await once(emitter, 'error')).toBe('the event');
      expect(listeners(emitter)).toBe(0);
    }));

  it('removes each listener, also where removing one fails', () =>
    virtual(async () => {
      const emitter = new (class extends EventEmitter {
        override off(event: string | symbol, listener: (...args: unknown[]) => void): this {
          super.off(event, listener);
          if (event === 'ready') throw new Error('cannot remove');
          return this;
        }
      })();
      const waiting = once(emitter, 'ready');

      expect(() => emitter.emit('ready', 7)).toThrow('cannot remove');
      expect(await waiting).toBe(7);
      expect(listeners(emitter)).toBe(0);
    }));

  it('adds nothing in a cancelled scope', () =>
    virtual(async () => {
      const emitter = new EventEmitter();
      emitter.on('newListener', () => {
        throw new Error('must not be called');
      });

      await expect(
        scope(async (s) => {
          s.cancel('enough');
          await once(emitter, 'ready');
        }),
      ).rejects.toSatisfy(isCancelled);
    }));

  it.each([
    { wrong: 'no source', target: null, event: 'a', says: 'target.on or target.addEventListener' },
    { wrong: 'no off', target: { on: () => undefined }, event: 'a', says: 'target.off' },
    {
      wrong: 'no removeEventListener',
      target: { addEventListener: () => undefined },
      event: 'a',
      says: 'target.removeEventListener',
    },
    {
      wrong: 'no name',
      target: new EventEmitter(),
      event: undefined,
      says: 'event to be a string or a symbol: got undefined',
    },
    {
      wrong: 'a symbol for an EventTarget',
      target: new EventTarget(),
      event: Symbol('ready'),
      says: 'event to be a string: got Symbol(ready)',
    },
  ])('rejects $wrong', ({ target, event, says }) =>
    virtual(async () => {
      await expect(once(target as never, event as never)).rejects.toThrow(says);
      await expect(once(target as never, event as never)).rejects.toBeInstanceOf(TypeError);
    }),
  );
});

/** Promises of somebody's own making. */
const strange: readonly { readonly kind: string; readonly make: () => PromiseLike<number> }[] = [
  {
    kind: 'calls back at once',
    make: () => thenable((kept) => kept(7)),
  },
  {
    kind: 'calls back twice',
    make: () =>
      thenable((kept, broken) => {
        kept(7);
        kept(8);
        broken(new Error('not heard'));
      }),
  },
  {
    kind: 'calls back and then throws',
    make: () =>
      thenable((kept) => {
        kept(7);
        throw new Error('not heard');
      }),
  },
  {
    kind: 'is a promise whose own then calls back at once, and throws',
    make: () =>
      withThen((kept) => {
        kept(7);
        kept(8);
        throw new Error('not heard');
      }),
  },
];

const broken: typeof strange = [
  {
    kind: 'throws in then',
    make: () =>
      thenable(() => {
        throw new Error('broken');
      }),
  },
  {
    kind: 'throws where then is looked for',
    make: () =>
      Object.defineProperty({} as PromiseLike<number>, 'then', {
        get() {
          throw new Error('broken');
        },
      }),
  },
  {
    kind: 'is a promise whose own then throws',
    make: () =>
      withThen(() => {
        throw new Error('broken');
      }),
  },
  {
    kind: 'is a promise whose constructor throws',
    make: () =>
      Object.defineProperty(Promise.resolve(7), 'constructor', {
        get() {
          throw new Error('broken');
        },
      }),
  },
];

type Then = (kept: (value: number) => void, broken: (error: unknown) => void) => void;

function thenable(then: Then): PromiseLike<number> {
  return { then } as unknown as PromiseLike<number>;
}

function withThen(then: Then): PromiseLike<number> {
  return Object.assign(Promise.resolve(0), { then }) as unknown as PromiseLike<number>;
}

describe.each([
  { name: 'until', wait: (make: () => PromiseLike<number>) => until(make()) },
  { name: 'cancellable', wait: (make: () => PromiseLike<number>) => cancellable(make) },
])('$name, given something that', ({ wait }) => {
  it.each(strange)('$kind, gives its first answer', ({ make }) =>
    virtual(async () => {
      expect(await wait(make)).toBe(7);
      expect(kernel.outside).toBe(0);
    }),
  );

  it.each(broken)('$kind, rejects', ({ make }) =>
    virtual(async () => {
      await expect(wait(make)).rejects.toThrow('broken');
      expect(kernel.outside).toBe(0);
    }),
  );
});

describe('until, in a cancelled scope, given something that', () => {
  it.each([...strange, ...broken])(
    '$kind, rejects with the cancellation, and says so',
    ({ make }) =>
      virtual(async () => {
        const left: string[] = [];

        await expect(
          scope(async (s) => {
            s.cancel('enough');
            await until(make(), () => left.push('left'));
          }),
        ).rejects.toMatchObject({ reason: 'enough' });
        expect(left).toEqual(['left']);
      }),
  );
});

describe('cancellable', () => {
  it('rejects with what its function throws', () =>
    virtual(async () => {
      const start = (): never => {
        throw new Error('cannot start');
      };

      await expect(cancellable(start)).rejects.toThrow('cannot start');
      expect(kernel.outside).toBe(0);
    }));

  it('keeps the value of a function that cancels the scope and ends all the same', () =>
    virtual(async () => {
      const kept = await scope(async (s) =>
        cancellable(async (signal) => {
          s.cancel('enough');
          return signal.aborted;
        }),
      );

      expect(kept).toBe(true);
    }));
});
