/**
 * How a pool deals calls out to its workers: to workers that are none, so that every message is seen.
 *
 * @module
 */
import { afterEach, describe, expect, it } from 'vitest';
import type { Link, LinkEvents, WorkerEnd } from '../../src/engines/pool/link.ts';
import { move } from '../../src/engines/pool/move.ts';
import type { PoolCall } from '../../src/engines/pool/pool-call.ts';
import { PoolEngine } from '../../src/engines/pool/pool-engine.ts';
import { planPool } from '../../src/engines/pool/pool-options.ts';
import { SentCalls } from '../../src/engines/process/sent-calls.ts';

/** Takes calls, and ends them when the test says so. */
class Puppet implements Link {
  readonly moves = true;
  readonly room = 4096;
  readonly isStalled = false;
  /** Whether it gives calls back. */
  isGenerous = true;
  busy = 0;
  readonly has: PoolCall[] = [];
  /** How many calls came with each message. */
  messages: number[] = [];
  #unsent = 0;
  readonly #events: LinkEvents;

  /** @param born what comes of its start; it gets ready if this is nothing */
  constructor(events: LinkEvents, born?: WorkerEnd) {
    this.#events = events;
    queueMicrotask(() => (born === undefined ? events.ready() : events.exited(born, [])));
  }

  send(call: PoolCall): void {
    this.has.push(call);
    this.#unsent++;
  }

  flush(): void {
    if (this.#unsent > 0) this.messages.push(this.#unsent);
    this.#unsent = 0;
  }

  /** Ends all that it has, each after 0.1 us. */
  work(): void {
    const calls = this.has.splice(0);
    this.busy += calls.length * 1e-4;
    for (const call of calls) this.#events.settled(call, 'value', undefined);
    this.#events.drained();
  }

  /** Ends the first that it has. */
  endFirst(): void {
    const [call] = this.has.splice(0, 1);
    this.busy += 1e-4;
    this.#events.settled(call as PoolCall, 'value', undefined);
    this.#events.drained();
  }

  recall(count: number): PoolCall[] | undefined {
    return this.isGenerous ? this.has.splice(this.has.length - count) : undefined;
  }

  revoke(): boolean {
    return false;
  }

  startedAt(): undefined {}

  isRunning(): boolean {
    return false;
  }

  fate(): 'unstarted' {
    return 'unstarted';
  }

  stop(): void {}
  tell(): void {}
  kill(): void {}
  ref(): void {}
  unref(): void {}

  rest(): void {
    this.#events.rested();
  }

  end(): void {
    queueMicrotask(() => this.die());
  }

  die(): void {
    this.#events.exited({ exitCode: 0 }, this.has.splice(0));
  }
}

const tiny = (): void => undefined;
let puppets: Puppet[] = [];
let engine: PoolEngine | undefined;

/** Workers of which it is known that their calls are tiny. */
async function knownPool(size = 2): Promise<PoolEngine> {
  puppets = [];
  const opened = new PoolEngine('puppets', planPool({ size }, 'puppets'), (events) => {
    const puppet = new Puppet(events);
    puppets.push(puppet);
    return puppet;
  });
  engine = opened;
  for (let round = 0; round < 8; round++) await burst(opened, 300);
  for (const puppet of puppets) puppet.messages = [];
  return opened;
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Has the workers end all that there is. */
async function workOff(pool: PoolEngine): Promise<void> {
  await nextTurn();
  for (; pool.stats.running + pool.stats.waiting > 0; await nextTurn()) {
    for (const puppet of puppets) puppet.work();
  }
}

/** So many calls in one turn, all ended. */
async function burst(pool: PoolEngine, count: number): Promise<void> {
  const calls = Array.from({ length: count }, () => pool.submit(tiny, [], {}));
  await workOff(pool);
  await Promise.all(calls);
}

afterEach(async () => {
  if (engine !== undefined) await workOff(engine);
  await engine?.[Symbol.asyncDispose]();
  engine = undefined;
});

describe('a burst of tiny calls', () => {
  it('is dealt out in few messages, to its end', async () => {
    const pool = await knownPool();
    for (const puppet of puppets) puppet.isGenerous = false;

    await burst(pool, 4000);

    const messages = puppets.flatMap((puppet) => puppet.messages);
    expect(messages.reduce((sum, count) => sum + count, 0)).toBe(4000);
    expect(messages.length).toBeLessThan(20);
    // The first two went at once, each to a worker that had nothing to do.
    const [one, other, ...further] = messages.toSorted((a, b) => a - b);
    expect([one, other]).toEqual([1, 1]);
    expect(Math.min(...further)).toBeGreaterThan(60);
  });

  it('goes to all workers alike, also to one from which calls were taken back in the last', async () => {
    const pool = await knownPool();
    const [one, other] = puppets as [Puppet, Puppet];
    const has = (): number[] => [one.has.length, other.has.length];
    const calls = Array.from({ length: 200 }, () => pool.submit(tiny, [], {}));
    await nextTurn();
    expect(has()).toEqual([100, 100]);
    one.work();
    expect(has()).toEqual([50, 50]);
    one.work();
    other.work();
    await workOff(pool);
    await Promise.all(calls);

    const more = Array.from({ length: 1000 }, () => pool.submit(tiny, [], {}));
    await nextTurn();

    expect(has()).toEqual([500, 500]);
    await workOff(pool);
    await Promise.all(more);
  });
});

describe('calls behind one that does not end', () => {
  it('go to an idle worker, also when another has more but has started all of it', async () => {
    const pool = await knownPool(3);
    const [rich, stuck, free] = puppets as [Puppet, Puppet, Puppet];
    rich.isGenerous = false;
    stuck.isGenerous = false;
    const calls = Array.from({ length: 300 }, () => pool.submit(tiny, [], {}));
    await nextTurn();
    stuck.endFirst();
    expect([rich.has.length, stuck.has.length, free.has.length]).toEqual([100, 99, 100]);

    stuck.isGenerous = true;
    free.work();

    expect([rich.has.length, stuck.has.length, free.has.length]).toEqual([100, 50, 49]);
    await workOff(pool);
    await Promise.all(calls);
  });

  it('have a worker started when the one that could have taken them is gone', async () => {
    const pool = await knownPool();
    const [stuck, other] = puppets as [Puppet, Puppet];
    stuck.isGenerous = false;
    const calls = Array.from({ length: 200 }, () => pool.submit(tiny, [], {}));
    await nextTurn();
    other.work();
    other.die();
    stuck.isGenerous = true;
    expect([stuck.has.length, puppets.length]).toEqual([100, 2]);

    while (puppets.length < 3) await nextTurn();
    await nextTurn();

    const third = puppets[2] as Puppet;
    expect([stuck.has.length, third.has.length]).toEqual([50, 50]);
    await workOff(pool);
    await Promise.all(calls);
  });

  it('are fetched also while there are always others that wait', async () => {
    const pool = await knownPool();
    const [stuck, other] = puppets as [Puppet, Puppet];
    const calls: Promise<void>[] = [];
    const fill = (): void => {
      while (pool.stats.waiting < 2000) calls.push(pool.submit(tiny, [], {}));
    };
    fill();
    await nextTurn();
    const [first] = stuck.has;
    expect(stuck.has.length).toBeGreaterThan(100);

    for (; stuck.has.length > 1; await nextTurn()) {
      fill();
      other.work();
    }

    expect(stuck.has).toEqual([first]);
    await workOff(pool);
    await Promise.all(calls);
  });

  it('are none that move something, as they could not be taken back', async () => {
    const pool = await knownPool();
    const calls = Array.from({ length: 6 }, () =>
      pool.submit(tiny, [], { transfer: [new ArrayBuffer(1)] }),
    );
    const marked = pool.submit((_: ArrayBuffer): void => undefined, [move(new ArrayBuffer(1))], {});
    await nextTurn();

    expect(puppets.map(({ has }) => has.length)).toEqual([1, 1]);
    await workOff(pool);
    await Promise.all([...calls, marked]);
  });
});

describe('a pool whose new workers end before they are ready', () => {
  it.each([
    ['tries again when somebody kills them', { killedBy: 'SIGKILL' }, 60, 'fulfilled'],
    ['gives up after three that end by themselves', { exitCode: 1 }, 3, 'rejected'],
  ] as const)('%s', async (_, born, deaths, status) => {
    let started = 0;
    puppets = [];
    const pool = new PoolEngine('puppets', planPool({ size: 1 }, 'puppets'), (events) => {
      const puppet = new Puppet(events, ++started > deaths ? undefined : born);
      puppets.push(puppet);
      return puppet;
    });
    engine = pool;

    const [call] = await Promise.all([
      Promise.allSettled([pool.submit(tiny, [], {})]),
      workOff(pool),
    ]);

    expect(call[0]?.status).toBe(status);
    expect(started).toBe(status === 'fulfilled' ? deaths + 1 : deaths);
  });
});

describe('a pool whose new workers end before they have begun anything', () => {
  it('gives up after three, also if they were ready', async () => {
    puppets = [];
    const pool = new PoolEngine('puppets', planPool({ size: 1 }, 'puppets'), (events) => {
      const puppet = new Puppet(events);
      puppets.push(puppet);
      return puppet;
    });
    engine = pool;
    const refused = Promise.allSettled([pool.submit(tiny, [], {}), pool.submit(tiny, [], {})]);

    for (let i = 0; i < 100 && pool.stats.running + pool.stats.waiting > 0; i++) {
      await nextTurn();
      puppets.at(-1)?.die();
    }

    expect((await refused).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(puppets).toHaveLength(3);
  });

  it('leaves calls in line that another worker will take, and starts no more until the next', async () => {
    const fresh = (): void => undefined;
    let started = 0;
    puppets = [];
    const pool = new PoolEngine('puppets', planPool({ size: 2 }, 'puppets'), (events) => {
      const puppet = new Puppet(events, started++ === 0 ? undefined : { exitCode: 1 });
      puppets.push(puppet);
      return puppet;
    });
    engine = pool;
    const first = pool.submit(fresh, [], {});
    await nextTurn();

    const others = Array.from({ length: 20 }, () => pool.submit(fresh, [], {}));
    await nextTurn();

    expect([started, pool.stats.waiting]).toEqual([4, 20]);
    await expect(pool.submit(fresh, [], { exclusive: true })).rejects.toMatchObject({
      state: 'unstarted',
    });
    expect(started).toBe(5);
    for (; pool.stats.running > 0; await nextTurn()) puppets[0]?.work();
    await Promise.all([first, ...others]);
  });
});

describe('the calls that were sent to a child', () => {
  const call = (seq: number): PoolCall => ({ seq }) as PoolCall;

  it('are taken out by their numbers, once, in any order', () => {
    const sent = new SentCalls();
    for (let seq = 0; seq < 4; seq++) sent.push(call(seq));

    expect(sent.take(2)?.seq).toBe(2);
    expect(sent.take(2)).toBeUndefined();
    expect(sent.take(4)).toBeUndefined();
    expect(sent.all().map(({ seq }) => seq)).toEqual([0, 1, 3]);
    expect([sent.size, sent.next, sent.oldest?.seq]).toEqual([3, 4, 0]);
  });

  it('have room as far as the claims reach, from the oldest on', () => {
    const sent = new SentCalls();
    const most = sent.room;
    for (let seq = 0; seq < most; seq++) sent.push(call(seq));
    for (let seq = 1; seq < most; seq++) sent.take(seq);

    expect(sent.room).toBe(0);
    expect(sent.take(0)?.seq).toBe(0);
    expect([sent.room, sent.size, sent.oldest]).toEqual([most, 0, undefined]);
  });

  it('are not confused with those whose place they have in a later round', () => {
    const sent = new SentCalls();
    for (let seq = 0; seq < 10_000; seq++) {
      sent.push(call(seq));
      expect(sent.take(seq)?.seq).toBe(seq);
      expect(sent.take(seq - 4096)).toBeUndefined();
    }
    expect(sent.oldest).toBeUndefined();
  });
});
