/**
 * Waits for something that others give, with bounds of their own: the first of what is given, the time, the signal and the cancellation
 * decides, and who gave up has taken nothing.
 *
 * @module
 */
import { EventEmitter } from 'node:events';
import type { Lease, WaitBounds } from 'skein';
import {
  AsyncEvent,
  channel,
  Deferred,
  detached,
  Lock,
  once,
  Queue,
  Semaphore,
  select,
  timer,
} from 'skein';
import type { Kind } from './call.ts';
import { aborted, cancelled, decide, gives, judgeListeners, timesOut } from './causes.ts';
import type { Waiting } from './model.ts';

/** Something to wait for. */
interface Thing {
  wait(bounds: WaitBounds): Promise<unknown>;
  serve(value: string): void;
  /** What is wrong when nobody wants it any more, and it has been given or not. */
  wrong(taken: boolean): string | undefined;
}

/** What is given must be there for whoever comes next. */
const LOST = 'what a cancelled wait did not take is gone';
const WAITS = 'somebody waits in its line';

const THINGS: Readonly<Record<Waiting['at'], () => Thing>> = {
  queue: () => queueThing((queue, bounds) => queue.get(bounds)),
  select: () =>
    queueThing(async (queue, { timeout, ...bounds }) => {
      const { key, value } = await select(
        { item: queue.got, late: timer(timeout ?? Infinity) },
        bounds,
      );
      return key === 'item' ? value : 'late';
    }),
  channel() {
    const { tx, rx } = channel<string>(1);
    return {
      wait: (bounds) => rx.receive(bounds),
      serve: (value) => void detached(() => tx.send(value)),
      wrong(taken) {
        if (rx.stats().waitingReceive > 0) return WAITS;
        return (rx.tryReceive() === undefined) === taken ? undefined : LOST;
      },
    };
  },
  event() {
    const event = new AsyncEvent();
    return {
      wait: (bounds) => event.wait(bounds),
      serve: () => event.set(),
      wrong: () => (event.waiting > 0 ? WAITS : undefined),
    };
  },
  once() {
    const emitter = new EventEmitter();
    const listeners = (): number => emitter.listenerCount('item') + emitter.listenerCount('error');
    return {
      wait: () => once(emitter, 'item'),
      serve: (value) => emitter.emit('item', value),
      wrong: () => (listeners() > 0 ? `${listeners()} listeners are left` : undefined),
    };
  },
  deferred() {
    const deferred = new Deferred<string>();
    return {
      wait: (bounds) => deferred.wait(bounds),
      serve: (value) => deferred.resolve(value),
      wrong: () => undefined,
    };
  },
  lock() {
    const lock = new Lock();
    return leased(
      lock,
      (bounds) => lock.acquire(bounds),
      () => lock.locked,
    );
  },
  semaphore() {
    const semaphore = new Semaphore(1);
    return leased(
      semaphore,
      (bounds) => semaphore.acquire(1, bounds),
      () => semaphore.available === 0,
    );
  },
};

function queueThing(wait: (queue: Queue<string>, bounds: WaitBounds) => Promise<unknown>): Thing {
  const queue = new Queue<string>();
  return {
    wait: (bounds) => wait(queue, bounds),
    serve: (value) => queue.tryPut(value),
    wrong(taken) {
      if (queue.stats().waitingGet > 0) return WAITS;
      return (queue.tryGet() === undefined) === taken ? undefined : LOST;
    },
  };
}

/** Somebody outside all tasks has it first. */
function leased(
  limiter: { tryAcquire(): Lease | undefined },
  acquire: (bounds: WaitBounds) => Promise<Lease>,
  isTaken: () => boolean,
): Thing {
  const first = detached(() => limiter.tryAcquire());
  return {
    async wait(bounds) {
      const lease = await acquire(bounds);
      lease.release();
      return 'lease';
    },
    serve: () => first?.release(),
    wrong: () => (isTaken() ? 'it is taken, though nobody holds it' : undefined),
  };
}

/** Waits with bounds. */
export const wait: Kind<Waiting> = {
  async run(call) {
    const { world, work } = call;
    const thing = THINGS[work.at]();
    const signal = call.take(work.signal);
    const value = world.fresh('value');
    let served = false;
    const serve = (): void => {
      served = true;
      thing.serve(value);
    };
    const stop = world.after(work.served, serve);
    let taken = false;
    try {
      const given = await thing.wait({ timeout: work.timeout, signal });
      taken = given !== 'late';
      return given;
    } finally {
      stop();
      if (!served) thing.serve(value);
      const wrong = thing.wrong(taken);
      if (wrong !== undefined) call.blame('wait', wrong);
    }
  },

  judge(call) {
    const { startedAt, work } = call;
    const causes = [
      gives(startedAt + work.served, 'what it waits for', (value) => value !== 'late'),
      ...cancelled(call),
      ...aborted(call),
    ];
    const { timeout } = work;
    if (timeout !== undefined) {
      const at = startedAt + timeout;
      causes.push(
        work.at === 'select'
          ? gives(at, 'late', (value) => value === 'late')
          : timesOut(at, timeout),
      );
    }
    decide(call, causes, -1);
    judgeListeners(call);
  },
};
