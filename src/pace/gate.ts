/**
 * What a call must pass beside the places of its line: a time before which it may not start, and limits of somebody else. It is the head of the line
 * that stands here, and nobody else, with one timer; nothing is used up before it starts.
 *
 * @module
 */
import type { Timer } from '../core/clock.ts';
import { kernel } from '../core/kernel.ts';
import { Door, type DoorOwner, type DoorRules } from './door.ts';
import type { Use } from './keys-in-use.ts';
import type { Pace } from './pace.ts';
import { type PacedLine, Pacing } from './pacing.ts';
import type { Ask } from './queued-call.ts';

/** What a gate lets through. */
export interface GateRules {
  /** When the next call may start. */
  readonly pace: Pace | undefined;
  /** The clock, where other lines have it too. */
  readonly pacing: Pacing | undefined;
  readonly door: DoorRules | undefined;
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
  readonly #door: Door | undefined;
  #timer: Timer | undefined;
  #armedFor = 0;

  constructor({ pace, pacing, door }: GateRules, owner: GateOwner) {
    this.pacing = pacing ?? new Pacing(owner.label, undefined, () => [owner]);
    this.#move = owner.move;
    this.#pace = pace;
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

  #opensAt(ask: Ask): number {
    const { resumesAt } = this.pacing;
    return this.#pace === undefined ? resumesAt : Math.max(this.#pace.opensAt(ask), resumesAt);
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
    this.#pace?.note(this.pacing.now(), ask);
  }

  /** Follows a jump of the clock. */
  shift(by: number): void {
    this.#pace?.shift(by);
    if (this.#timer !== undefined) this.#arm(this.#armedFor + by);
  }

  /** Whether it remembers what matters. */
  get use(): Use {
    const from = this.#pace?.idleFrom() ?? Number.POSITIVE_INFINITY;
    return from <= this.pacing.seen ? 'idle' : 'lately';
  }
}
