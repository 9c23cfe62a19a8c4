/**
 * Draws random programs: the same one for the same seed. Times are few and small, so that much happens at one instant, and a quarter of all
 * waits never end by themselves.
 *
 * @module
 */
import { Random } from '../../src/testing/explore/prng.ts';
import { drawFlow, drawSource } from './draw-flow.ts';
import type {
  Abort,
  Block,
  CleanupPart,
  Flow,
  Leaf,
  Program,
  Span,
  TaskPart,
  Work,
} from './model.ts';

const SPANS: readonly Span[] = [0, 0, 1, 2, 3, 5, 5, 10, 10, 20, 30, 50];

/** A hand that draws. */
export class Hand {
  readonly #random: Random;
  /** How much more may be drawn. */
  #left: number;

  constructor(seed: number) {
    this.#random = new Random(seed, 0);
    this.#left = 3 + this.below(12);
  }

  below(bound: number): number {
    return this.#random.below(bound);
  }

  /** True once in so many times. */
  once(of: number): boolean {
    return this.below(of) === 0;
  }

  of<T>(all: readonly T[]): T {
    return all[this.below(all.length)] as T;
  }

  span(): Span {
    return this.of(SPANS);
  }

  /** From `least` to `most` of them. */
  some<T>(least: number, most: number, draw: () => T): T[] {
    return Array.from({ length: least + this.below(most - least + 1) }, draw);
  }

  /** An option: it is given once in so many times. */
  maybe<K extends string, T>(key: K, of: number, draw: () => T): { readonly [key in K]?: T } {
    return (this.once(of) ? { [key]: draw() } : {}) as { readonly [key in K]?: T };
  }

  abort(): Abort {
    const reason = this.of(['error', 'error', 'text', 'default', 'handed on'] as const);
    return { after: this.once(12) ? -1 : this.span(), reason };
  }

  leaf(): Leaf {
    const how = this.of([
      'sleep',
      'sleep',
      'sleep',
      'until',
      'suspend',
      'cancellable',
      'fetch',
      'foreign',
      'stubborn',
    ] as const);
    const takes = how !== 'foreign' && this.once(5) ? Infinity : this.span();
    return { kind: 'leaf', how, takes, ...this.maybe('fails', 6, () => this.of([1, 1, 9])) };
  }

  /** Something small or, as long as there is something left, something big. */
  work(): Work {
    return this.#left <= 0 || this.once(4) ? this.leaf() : this.#part();
  }

  #part(): Work {
    this.#left -= 3;
    return this.of(PARTS)(this);
  }
}

const PARTS: readonly ((hand: Hand) => Work)[] = [
  drawFlow,
  drawFlow,
  drawFlow,
  drawFlow,
  drawFlow,
  drawCopies,
  drawCopies,
  drawScope,
  drawScope,
  drawHandle,
  drawLimit,
  drawLimit,
  drawRetry,
  drawRetry,
  drawSequence,
  drawSequence,
  drawWait,
  drawLimiter,
  drawPermits,
];

/** The program of a seed. */
export function drawProgram(seed: number): Program {
  const hand = new Hand(seed);
  const program = { work: hand.of(PARTS)(hand), outsideFirst: hand.once(2) };
  const second = new Random(seed, 1);
  const once = (of: number): boolean => second.below(of) === 0;
  return once(4) ? { ...program, work: abandoning(program.work, () => once(3)) } : program;
}

/** The same work, where some of what can leaves behind what does not stop at once. */
function abandoning<N>(node: N, draw: () => boolean): N {
  if (typeof node !== 'object' || node === null) return node;
  if (Array.isArray(node)) return node.map((each) => abandoning(each, draw)) as N;
  const entries = Object.entries(node).map(([key, value]) => [
    key,
    'kind' in node && node.kind === 'source' ? value : abandoning(value, draw),
  ]);
  const copy = Object.fromEntries(entries);
  return mayLeave(copy) && draw() ? { ...copy, abandon: true } : copy;
}

/** Engines have their own ways to end what is late. */
function mayLeave(node: Work): boolean {
  if (node.kind === 'flow') return TAKE_OPTIONS.has(node.call) && node.engine === undefined;
  return node.kind === 'scope' || node.kind === 'timeout' || node.kind === 'moveOnAfter';
}

const TAKE_OPTIONS: ReadonlySet<Flow['call']> = new Set([
  'map',
  'collect',
  'mapStream',
  'resolve',
  'concurrent',
]);

function drawSequence(hand: Hand): Work {
  return {
    kind: 'sequence',
    works: hand.some(2, 3, () => hand.work()),
    ...hand.maybe('catches', 2, () => true as const),
  };
}

function drawLimit(hand: Hand): Work {
  return { kind: hand.of(['timeout', 'moveOnAfter']), after: hand.span(), body: hand.work() };
}

function drawRetry(hand: Hand): Work {
  return { kind: 'retry', retries: hand.below(3), pause: hand.span(), body: hand.work() };
}

function drawWait(hand: Hand): Work {
  const served = hand.once(3) ? Infinity : hand.span();
  if (hand.once(8)) return { kind: 'wait', at: 'once', served };
  const at = hand.of([
    'queue',
    'channel',
    'event',
    'deferred',
    'lock',
    'semaphore',
    'select',
  ] as const);
  return {
    kind: 'wait',
    at,
    served,
    ...hand.maybe('timeout', 2, () => hand.span()),
    ...hand.maybe('signal', 2, () => hand.abort()),
  };
}

interface Parts {
  readonly tasks: readonly TaskPart[];
  readonly cleanups: readonly CleanupPart[];
}

function drawParts(hand: Hand): Parts & object {
  return {
    tasks: hand.some(0, 3, () => drawTask(hand)),
    cleanups: hand.some(0, 2, () => drawCleanup(hand)),
    ...hand.maybe('timeout', 4, () => hand.span()),
    ...hand.maybe('signal', 4, () => hand.abort()),
    ...hand.maybe('limit', 8, () => 1 + hand.below(2)),
    ...hand.maybe('goesOn', 5, () => true as const),
    ...hand.maybe('grace', 20, () => 1 + hand.span()),
    ...hand.maybe('cancelAfter', 3, () => hand.span()),
  };
}

function drawTask(hand: Hand): TaskPart {
  const how = hand.of(['spawn', 'spawn', 'spawn', 'daemon', 'schedule'] as const);
  return { work: hand.work(), how, ...hand.maybe('cancelAfter', 4, () => hand.span()) };
}

function drawCleanup(hand: Hand): CleanupPart {
  const work = hand.leaf();
  const isShort = work.takes < Infinity;
  return { work, ...hand.maybe('timeout', isShort ? 4 : 1, () => hand.span()) };
}

function drawScope(hand: Hand): Work {
  const scope: Block = { kind: 'scope', body: hand.work(), ...drawParts(hand) };
  // What nobody can cancel must end by itself.
  return scope.timeout !== undefined && hand.once(4) ? { ...scope, shield: true } : scope;
}

function drawHandle(hand: Hand): Work {
  const ends = hand.some(1, 3, () => ({
    how: hand.of(['join', 'dispose'] as const),
    after: hand.span(),
  }));
  return { kind: 'handle', ...drawParts(hand), ends };
}

function drawCopies(hand: Hand): Work {
  return {
    kind: 'copies',
    copies: hand.once(10) ? 0 : 1 + hand.below(3),
    source: drawSource(hand, 'values'),
    each: hand.work(),
    ...hand.maybe('engine', 6, () => hand.of(['loop', 'fibers'] as const)),
    end: hand.of(['wait', 'wait', 'failHard', 'stop', 'dispose', 'forget']),
    after: hand.span(),
    ...hand.maybe('signal', 4, () => hand.abort()),
    ...hand.maybe('grace', 10, () => 1 + hand.span()),
  };
}

function drawLimiter(hand: Hand): Work {
  return {
    kind: 'limiter',
    concurrency: 1 + hand.below(2),
    calls: hand.some(1, 4, () => {
      const by = hand.of(['call', 'run'] as const);
      return {
        work: hand.work(),
        by,
        ...(by === 'run' ? hand.maybe('signal', 3, () => hand.abort()) : {}),
      };
    }),
    ...hand.maybe('timeout', 4, () => hand.span()),
    ...hand.maybe('retries', 4, () => 1),
    ...hand.maybe('clearAfter', 4, () => hand.span()),
    ...hand.maybe('disposeAfter', 4, () => hand.span()),
  };
}

function drawPermits(hand: Hand): Work {
  return {
    kind: 'permits',
    permits: 1 + hand.below(2),
    works: hand.some(1, 4, () => hand.work()),
    ...hand.maybe('cancelAfter', 3, () => hand.span()),
  };
}
