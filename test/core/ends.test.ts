import {
  Deferred,
  map,
  moveOnAfter,
  openScope,
  type Scope,
  StuckTasks,
  scope,
  sleep,
  sleepForever,
} from 'skein';
import { idle, virtual } from 'skein/testing';
import { describe, expect, it } from 'vitest';

const boom = new Error('boom');

/** A handle that is in its clean-ups, which take 30 ms; `log` says when they have ended. */
async function closing(begin: (s: Scope) => Promise<void>) {
  const log: string[] = [];
  const s = openScope();
  const inCleanup = new Deferred<void>();
  s.defer(async () => {
    inCleanup.resolve();
    await sleep(30);
    log.push('cleaned up');
  });
  const begun = begin(s).catch((error: unknown) => error);
  await inCleanup.wait();
  return { s, log, begun };
}

const join = (s: Scope) => s.join();
const dispose = async (s: Scope) => s[Symbol.asyncDispose]();
const ways = [
  { first: 'join', second: 'dispose', begin: join, end: dispose },
  { first: 'join', second: 'join', begin: join, end: join },
  { first: 'dispose', second: 'dispose', begin: dispose, end: dispose },
  { first: 'dispose', second: 'join', begin: dispose, end: join },
];

describe('an end returns when it is over, whoever began it', () => {
  it.each(ways)('$first, and $second while its clean-ups run', ({ begin, end }) =>
    virtual(async () => {
      const { s, log, begun } = await closing(begin);

      await end(s).catch(() => undefined);
      log.push('ended');

      expect(log).toEqual(['cleaned up', 'ended']);
      await begun;
    }),
  );

  it.each(ways)('$first and $second at once', ({ begin, end }) =>
    virtual(async () => {
      const log: string[] = [];
      const s = openScope();
      s.spawn(sleepForever);
      s.defer(async () => {
        await sleep(30);
        log.push('cleaned up');
      });
      const stopped = sleep(5).then(() => s.cancel());

      await Promise.allSettled([begin(s), end(s).finally(() => log.push('ended'))]);

      expect(log).toEqual(['cleaned up', 'ended']);
      await stopped;
    }),
  );

  it('a block that is disposed of while its clean-ups run', () =>
    virtual(async () => {
      const log: string[] = [];
      const opened = new Deferred<Scope>();
      const block = scope(async (s) => {
        s.defer(async () => {
          opened.resolve(s);
          await sleep(30);
          log.push('cleaned up');
        });
        return 'value';
      });

      await dispose(await opened.wait());
      log.push('disposed');

      expect(log).toEqual(['cleaned up', 'disposed']);
      expect(await block).toBe('value');
    }));

  it('tells the errors to whoever began it, and to everyone who joins', () =>
    virtual(async () => {
      const s = openScope();
      s.spawn(() => Promise.reject(boom));
      await idle();

      const ends = await Promise.allSettled([dispose(s), dispose(s), s.join()]);

      expect(ends.map((end) => end.status)).toEqual(['rejected', 'fulfilled', 'rejected']);
      await expect(s.join()).rejects.toBe(boom);
      await dispose(s);
    }));

  it('a joiner that is cancelled while the clean-ups run is not told: nothing was cut short', () =>
    virtual(async () => {
      const end = await scope(async (outer) => {
        const { s, begun } = await closing(join);
        outer.cancel();
        await s.join();
        return begun;
      });

      expect(end).toBe(undefined);
    }));

  it('disposal in a cancelled task leaves the task cancelled', () =>
    virtual(async () => {
      await scope(async (outer) => {
        const task = outer.spawn(async () => {
          const s = openScope();
          try {
            s.spawn(sleepForever);
            await sleepForever();
          } finally {
            await s[Symbol.asyncDispose]();
          }
        });
        await idle();
        task.cancel();
        await task.settled();
        expect(task.status).toBe('cancelled');
      });
    }));
});

describe('whoever would wait for itself is told', () => {
  it.each([
    { end: 'join', fn: join },
    { end: 'disposal', fn: dispose },
  ])('$end in a clean-up, a task, or what they call', ({ fn }) =>
    virtual(async () => {
      const s = openScope();
      s.defer(() => fn(s));
      s.defer(() => scope(() => map([1], () => fn(s))).then(() => undefined));
      s.spawn(() => fn(s));
      await s.join().catch(() => undefined);

      expect(s.errors.map(String)).toEqual([
        `TypeError: Cannot ${fn === join ? 'join' : 'close'} scope from one of its own tasks: it would wait for itself`,
        `TypeError: Cannot ${fn === join ? 'join' : 'close'} scope from inside it, such as a clean-up: it would wait for itself`,
        `TypeError: Cannot ${fn === join ? 'join' : 'close'} scope from inside it, such as a clean-up: it would wait for itself`,
      ]);
    }),
  );

  it('join in a clean-up of a block', () =>
    virtual(async () => {
      const ended = scope((s) => s.defer(() => s.join()));

      await expect(ended).rejects.toThrow('it would wait for itself');
    }));
});

describe('a handle that nobody closes', () => {
  it('is stopped among the clean-ups, in the order of its opening', () =>
    virtual(async () => {
      const log: string[] = [];
      await scope(async (s) => {
        s.defer(() => void log.push('connection closed'));
        const handle = openScope();
        handle.spawn(async () => {
          try {
            await sleepForever();
          } finally {
            log.push('job stopped');
          }
        });
        s.defer(async () => {
          log.push('draining');
          await sleep(10);
        });
        await idle();
      });

      expect(log).toEqual(['draining', 'job stopped', 'connection closed']);
    }));

  it('is not stopped with the daemons and flows of its scope: a service may drain first', () =>
    virtual(async () => {
      const log: string[] = [];
      await scope(async (s) => {
        s.spawn(sleepForever, { daemon: true });
        const service = openScope({ shield: true });
        service.spawn(() => sleep(20).then(() => void log.push('job done')));
        s.defer(() => service.idle());
        await idle();
      });

      expect(log).toEqual(['job done']);
    }));

  it('tells its scope of its errors, which are told nobody else', () =>
    virtual(async () => {
      const fails = (s: Scope) => s.spawn(() => Promise.reject(boom));
      const unclosed = scope(async () => {
        fails(openScope());
        await sleep(5);
        return 'body';
      });
      const joined = scope(async () => {
        const s = openScope();
        fails(s);
        await s.join().catch(() => undefined);
        return 'body';
      });

      await expect(unclosed).rejects.toBe(boom);
      expect(await joined).toBe('body');
    }));

  it('is not stopped by a cancelled joiner where it is shielded', () =>
    virtual(async () => {
      await scope(async () => {
        const s = openScope({ shield: true });
        const task = s.spawn(() => sleep(100).then(() => 'done'));

        expect(await moveOnAfter(20, () => s.join(), 'gave up')).toBe('gave up');
        expect(await task).toBe('done');
        await s.join();
      });
    }));

  it('gives its place back when it was closed before', () =>
    virtual(async () => {
      const log: string[] = [];
      await scope(async (s) => {
        s.defer(() => void log.push('first'));
        const [a, b, c] = [openScope(), openScope(), openScope()];
        s.defer(() => void log.push('second'));
        await Promise.all([b.join(), a.join(), c.join()]);
      });

      expect(log).toEqual(['second', 'first']);
    }));

  it('tells its scope of what it had to leave behind', () =>
    virtual(async () => {
      const { promise, resolve } = Promise.withResolvers<void>();

      const ended = scope(async () => {
        openScope({ grace: 50 }).spawn(() => promise, 'deaf');
        await sleep(1);
      });

      await expect(ended).rejects.toBeInstanceOf(StuckTasks);
      resolve();
    }));
});
