/**
 * What a call must pass beside the places of its line: a time before which it may not start, and limits of somebody else. It is the head of the line
 * that stands here, and nobody else, with one timer; nothing is used up before it starts.
 *
 * @module
 */
import type { Timer } from '../core/clock.ts';
import { kernel } from '../core/kernel.ts';
import { Door, type DoorOwner, type DoorRules } from './door.ts';
import { KeysInUse, type Use } from './keys-in-use.ts';
import type { Pace } from './pace.ts';
import { type PacedLine, Pacing } from './pacing.ts';
import type { Ask } from './queued-call.ts';

/** What a gate lets through. */
export interface GateRules {
  /** Of calls without a key. */
  readonly pace?: Pace | undefined;
  /** Makes that of a key. */
  readonly paceOfKey?: (() => Pace) | undefined;
  /** Of all calls. */
  readonly spacing?: Pace | undefined;
  /** The clock, where other lines have it too. */
  readonly pacing?: Pacing;
  readonly door?: DoorRules | undefined;
}

/** Whose gate it is. */
export interface GateOwner extends DoorOwner, PacedLine {
  /** Starts whoever can start. */
  readonly move: () => void;
}

/** The gate of one line. */
export class Gate {
  readonly pacing: Pacing;
  readonly #move: () => void;
  readonly #pace: Pace | undefined;
  readonly #keyed: KeysInUse<unknown, Pace> | undefined;
  readonly #spacing: Pace | undefined;
  readonly #door: Door | undefined;
  #timer: Timer | undefined;
  #armedFor = 0;

  constructor({ pace, paceOfKey, spacing, pacing, door }: GateRules, owner: GateOwner) {
    this.pacing = pacing ?? new Pacing(owner.label, undefined, () => [owner]);
    this.#move = owner.move;
    this.#pace = pace;
    this.#keyed = paceOfKey && new KeysInUse(paceOfKey, (each) => this.useOf(each));
    this.#spacing = spacing;
    this.#door = door && new Door(door, owner);
  }

  /** Whether a call that is the first may start at once, where nobody else has to be asked. */
  isOpenAlready(ask: Ask): boolean {
    const { pacing } = this;
    if (pacing.refusal() !== undefined) return false;
    const opens = this.#opensAt(ask);
    // The look after the last start will mostly do, and saves a third of the cost.
    return pacing.seen >= opens || pacing.now() >= opens;
  }

  /** When the next call may start. */
  #opensAt(ask: Ask): number {
    const pace = this.#paceOf(ask);
    let opens = this.pacing.resumesAt;
    if (pace !== undefined) opens = Math.max(opens, pace.opensAt(ask));
    if (this.#spacing !== undefined) opens = Math.max(opens, this.#spacing.opensAt(ask));
    return opens;
  }

  #paceOf({ key }: Ask): Pace | undefined {
    return key === undefined || this.#keyed === undefined ? this.#pace : this.#keyed.get(key);
  }

  /** Whether it is open for the head of the line. Else it moves the line when it is, or asks those who know. */
  isOpen(ask: Ask): boolean {
    const at = this.pacing.now();
    const opens = this.#opensAt(ask);
    if (at >= opens) {
      this.#door?.ask(ask.key);
      return this.#door === undefined;
    }
    this.#door?.takeBack();
    this.#arm(opens);
    return false;
  }

  #arm(opens: number): void {
    if (this.#timer !== undefined && opens === this.#armedFor) return;
    this.#timer?.stop();
    this.#armedFor = opens;
    this.#timer = kernel.clock.at(opens, () => {
      this.#timer = undefined;
      this.#move();
    });
  }

  /** Nobody may start now. */
  expectNobody(): void {
    this.#timer?.stop();
    this.#timer = undefined;
    this.#door?.takeBack();
  }

  /** A function has been called, and has returned. */
  started(ask: Ask): void {
    const at = this.pacing.now();
    this.#paceOf(ask)?.note(at, ask);
    this.#spacing?.note(at, ask);
  }

  /** Follows a jump of the clock. */
  shift(by: number): void {
    for (const pace of [this.#pace, this.#spacing, ...(this.#keyed ?? [])]) pace?.shift(by);
    if (this.#timer !== undefined) this.#arm(this.#armedFor + by);
  }

  /** Whether it remembers what matters. */
  useOf(pace: Pace | undefined = this.#pace): Use {
    return pace === undefined || pace.idleFrom() <= this.pacing.seen ? 'idle' : 'lately';
  }
}
