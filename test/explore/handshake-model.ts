/**
 * A pool and its thread, as far as they sleep and wake each other, in memory in which every step is a choice of the explorer. What decides
 * is the real code, `PoolSide` and `WorkerSide`; around it are the loops of `ThreadLink` and `ThreadWorker` with all else left out.
 *
 * The real code is synchronous and cannot be held back between two steps. So a piece of it is run again and again: each time what it has
 * read before is read out to it, it makes one step more, and is stopped by an exception at the next. What it changed of its own is put back.
 *
 * @module
 */
import type { News, PoolSide, Words, WorkerSide } from '../../src/engines/thread/handshake.ts';
import { CLAIM, HEAD } from '../../src/engines/thread/layout.ts';

/** What is explored. */
export interface Scenario {
  /** How many calls each turn of the user submits. */
  readonly turns: readonly number[];
  /** How many more calls wait in the pool, and are sent when something has ended. Default 0. */
  readonly waiting?: number;
  /** Calls whose outcome comes by message. Default none. */
  readonly told?: readonly number[];
  /** A call whose body asks something, and goes on when it has been answered. Default none. */
  readonly asking?: number;
  /** The worker tells of each call at once, and not when there is none left. Default false. */
  readonly tellsEach?: boolean;
}

/** The two sides, or mutants of them. */
export interface Sides {
  readonly PoolSide: new (words: Words, news: News) => PoolSide;
  readonly WorkerSide: new (words: Words) => WorkerSide;
  /** The other way round: then a wake-up is lost. Default false. */
  readonly notifiesFirst?: boolean;
}

/** Who sleeps until a word changes. */
interface Sleeper {
  readonly head: number;
  readonly hasEnd: boolean;
  isWoken: boolean;
}

const HELD_BACK = Symbol('held back');
const NAMES = Object.keys(HEAD) as (keyof typeof HEAD)[];

/** What both see. */
class Memory {
  readonly words: number[] = NAMES.map(() => 0);
  readonly claims: number[] = [];
  readonly messages: string[] = [];
  readonly sleepers: Set<Sleeper> = new Set();
  /** What was done. */
  readonly trace: (readonly unknown[])[] = [];
  /** Whether the user's side has answered the call that asks. */
  isAnswered = false;
}

/** One side at work: its steps, and how far it is. */
class Actor implements Words {
  readonly #name: string;
  readonly #memory: Memory;
  readonly #notifiesFirst: boolean;
  /** What it has of its own, and can be put back. */
  readonly #own: readonly object[];
  #place = '';
  #log: unknown[] = [];
  #at = 0;
  #isStepLeft = false;

  constructor(name: string, memory: Memory, notifiesFirst: boolean, own: readonly object[]) {
    this.#name = name;
    this.#memory = memory;
    this.#notifiesFirst = notifiesFirst;
    this.#own = own;
  }

  /** Runs a piece of code, one step whenever this goes on. */
  *run<T>(place: string, piece: () => T): Generator<undefined, T> {
    this.#place = place;
    this.#log = [];
    const before = this.#own.map((each) => ({ ...each }));
    for (;;) {
      yield;
      for (const [i, each] of this.#own.entries()) Object.assign(each, before[i]);
      this.#at = 0;
      this.#isStepLeft = true;
      try {
        return piece();
      } catch (error) {
        if (error !== HELD_BACK) throw error;
      }
    }
  }

  #step<T>(what: string, on: unknown, does: () => T): T {
    if (this.#at === this.#log.length) {
      if (!this.#isStepLeft) throw HELD_BACK;
      this.#isStepLeft = false;
      this.#log.push(does());
      this.#memory.trace.push([this.#name, this.#place, what, on, this.#log.at(-1)]);
    }
    return this.#log[this.#at++] as T;
  }

  /** It, and nobody else, is where it is, with what it knows: what comes depends on nothing else. */
  toString(): string {
    return `${this.#place} ${this.#log.map(shown)} ${JSON.stringify(this.#own)}`;
  }

  load(head: number): number {
    return this.#step('load', NAMES[head], () => this.#memory.words[head] as number);
  }

  store(head: number, value: number): void {
    this.#step('store', NAMES[head], () => {
      this.#memory.words[head] = value;
      return value;
    });
  }

  ring(head: number): void {
    if (this.#notifiesFirst) this.#notify(head);
    this.#step('count', NAMES[head], () => {
      this.#memory.words[head] = (this.#memory.words[head] as number) + 1;
    });
    if (!this.#notifiesFirst) this.#notify(head);
  }

  #notify(head: number): void {
    this.#step('notify', NAMES[head], () => {
      for (const each of this.#memory.sleepers) if (each.head === head) each.isWoken = true;
    });
  }

  claim(seq: number): number {
    return this.#step('claim', seq, () => this.#memory.claims[seq] as number);
  }

  setClaim(seq: number, claim: number): void {
    this.#step('set claim', seq, () => {
      this.#memory.claims[seq] = claim;
    });
  }

  post(message: string): void {
    this.#step('post', message, () => void this.#memory.messages.push(message));
  }

  receive(): string | undefined {
    return this.#step('receive', '', () => this.#memory.messages.shift());
  }

  answer(): void {
    this.#step('answer', '', () => {
      this.#memory.isAnswered = true;
    });
  }

  /** How `Atomics.wait` and `waitAsync` begin. Undefined where the word is another already. */
  sleep(head: number, seen: number, hasEnd: boolean): Sleeper | undefined {
    return this.#step('sleep on', NAMES[head], () => {
      if (this.#memory.words[head] !== seen) return undefined;
      const sleeper = { head, hasEnd, isWoken: false };
      this.#memory.sleepers.add(sleeper);
      return sleeper;
    });
  }
}

function shown(value: unknown): string {
  return typeof value === 'object' ? 'asleep' : String(value);
}

/** What an actor waits for when it does not just go on: one of these, by name, as soon as it is possible. */
type Pause = { readonly [event: string]: () => boolean } | undefined;
type Acting = Generator<Pause, void, string>;

/** `ThreadWorker`, without the bodies. */
function* worker(
  memory: Memory,
  scenario: Scenario,
  sides: Sides,
  register: (actor: Actor) => void,
): Acting {
  const own = { next: 0, told: 0 };
  const actor = new Actor('worker', memory, sides.notifiesFirst === true, [own]);
  register(actor);
  const side = new sides.WorkerSide(actor);
  const flush = function* (done: number): Acting {
    if (done === own.told) return;
    yield* actor.run('flush', () => side.tell(done));
    own.told = done;
  };
  yield* actor.run('start', () => side.start());
  for (;;) {
    while (yield* actor.run('loop', () => side.hasCalls(own.next))) {
      const seq = own.next++;
      if (scenario.asking === seq) {
        yield* flush(seq);
        yield* actor.run('ask', () => {
          actor.post('question');
          side.ring();
        });
        yield { answered: () => memory.isAnswered };
      }
      yield* actor.run('end', () => {
        const isTold = scenario.told?.includes(seq) === true;
        if (isTold) actor.post(`outcome ${seq}`);
        actor.setClaim(seq, isTold ? CLAIM.told : CLAIM.valued);
      });
      if (scenario.tellsEach === true) yield* flush(own.next);
    }
    yield* flush(own.next);
    const seen = yield* actor.run('fall asleep', () => side.fallAsleep(own.next));
    if (seen === undefined) continue;
    const short = yield* actor.run('linger', () => actor.sleep(HEAD.toWorker, seen, true));
    if (yield* sleptThrough(memory, short)) {
      const long = yield* actor.run('sleep', () => actor.sleep(HEAD.toWorker, seen, false));
      yield* sleptThrough(memory, long);
    }
    yield* actor.run('wake', () => side.wake());
  }
}

/** Waits for the end of a sleep. Gives whether nobody has ended it. */
function* sleptThrough(
  memory: Memory,
  sleeper: Sleeper | undefined,
): Generator<Pause, boolean, string> {
  if (sleeper === undefined) return false;
  const event = yield { woken: () => sleeper.isWoken, late: () => sleeper.hasEnd };
  memory.sleepers.delete(sleeper);
  return event === 'late';
}

/** `ThreadLink`, with a user who submits in turns of his own, and a pool that has more. */
function* pool(
  memory: Memory,
  scenario: Scenario,
  sides: Sides,
  register: (actor: Actor) => void,
): Acting {
  const own = {
    next: 0,
    read: 0,
    over: '',
    turn: 0,
    waiting: scenario.waiting ?? 0,
    isPatient: false,
  };
  const news: News = { ready: () => undefined, read: (done) => drain(done) };
  const owned: object[] = [own];
  const actor = new Actor('pool', memory, sides.notifiesFirst === true, owned);
  register(actor);
  const side = new sides.PoolSide(actor, news);
  owned.push(side);
  let sleeper: Sleeper | undefined;

  const submit = (count: number): Sleeper | undefined => {
    if (side.isReady) return send(count);
    own.waiting += count;
    return sleeper;
  };
  const send = (count: number): Sleeper | undefined => {
    own.next += count;
    side.show(own.next);
    if (!side.isArmed) return arm();
    if (own.isPatient && own.next - own.read > 1) side.rouse();
    return sleeper;
  };
  const arm = (): Sleeper | undefined => {
    if (side.arm(own.read)) return undefined;
    own.isPatient = own.next - own.read < 2;
    return actor.sleep(HEAD.toPool, side.heard, !own.isPatient);
  };
  const isOver = (seq: number): boolean => own.over.includes(`${seq}`);
  const drain = (done: number): void => {
    for (let got = actor.receive(); got !== undefined; got = actor.receive()) {
      if (got === 'question') actor.answer();
      else own.over += got.slice('outcome '.length);
    }
    while (own.read !== own.next) {
      const seq = own.read;
      if (isOver(seq)) {
        if (seq >= done && actor.claim(seq) !== CLAIM.told) break;
      } else {
        if (actor.claim(seq) !== CLAIM.valued) break;
        own.over += seq;
      }
      own.read++;
    }
  };
  const wake = (): Sleeper | undefined => {
    side.look();
    if (own.waiting > 0 && side.isReady && own.over.length === own.next) {
      own.waiting--;
      sleeper = undefined;
      return send(1);
    }
    return arm();
  };

  const all = scenario.turns.reduce((sum, count) => sum + count, scenario.waiting ?? 0);
  sleeper = yield* actor.run('begin', arm);
  while (own.over.length < all) {
    const asleep = sleeper;
    const event = yield {
      submit: () => own.turn < scenario.turns.length,
      woken: () => asleep === undefined || asleep.isWoken,
      late: () => asleep?.hasEnd === true,
    };
    if (event === 'submit') {
      const count = scenario.turns[own.turn++] as number;
      sleeper = yield* actor.run('submit', () => submit(count));
    } else {
      if (asleep !== undefined) memory.sleepers.delete(asleep);
      sleeper = yield* actor.run('wake', wake);
    }
  }
}

/** Where all is: two runs that come to the same place go on alike. */
function placeOf(memory: Memory, actors: readonly Actor[], ways: readonly Way[]): string {
  const { words, claims, messages, isAnswered } = memory;
  const open = ways.map(({ who, event }) => `${who}${event}`);
  return [words, claims, messages, isAnswered, ...actors, ...open].join('|');
}

function lost({ trace }: Memory): string {
  const steps = trace.map(
    ([who, place, ...step]) => `${who}, ${place}: ${step.map(shown).join(' ')}`,
  );
  return `A wake-up is lost\n${steps.join('\n')}`;
}

/**
 * Makes a program for the explorer, which chooses who makes the next step. A run ends when all calls have ended, or where another has been;
 * it fails when nobody can go on, save by a time-out that is there for something else.
 */
export function handshake(
  scenario: Scenario,
  sides: Sides,
  choose: (count: number) => number,
): { readonly run: () => void; readonly places: ReadonlySet<string> } {
  const places = new Set<string>();
  /** The choices that were made before. Who makes them again has not come to the place of another. */
  const paths = new Set<string>();
  const run = (): void => {
    const memory = new Memory();
    const actors: Actor[] = [];
    const register = (actor: Actor): void => void actors.push(actor);
    const acting = [pool, worker].map((each) => each(memory, scenario, sides, register));
    const pauses = acting.map((each) => each.next());
    let path = '';
    while (pauses[0]?.done !== true) {
      const ways = pauses.flatMap(({ value, done }, i) => waysOf(i, done === true ? NEVER : value));
      if (ways.every(({ event }) => event === 'late')) throw new Error(lost(memory));
      let chosen = 0;
      if (ways.length > 1) {
        if (!paths.has(path)) {
          paths.add(path);
          const place = placeOf(memory, actors, ways);
          if (places.has(place)) return;
          places.add(place);
        }
        chosen = choose(ways.length);
        path += chosen;
      }
      const { who, event } = ways[chosen] as Way;
      pauses[who] = (acting[who] as Acting).next(event);
    }
  };
  return { run, places };
}

interface Way {
  readonly who: number;
  readonly event: string;
}

const NEVER: Pause = {};

function waysOf(who: number, pause: Pause): Way[] {
  if (pause === undefined) return [{ who, event: 'step' }];
  const possible = Object.keys(pause).filter((event) => pause[event]?.() === true);
  return possible.map((event) => ({ who, event }));
}
