/**
 * What is noted of one run of a flow, beside its parts.
 *
 * @module
 */
import type { Call } from './call.ts';
import type { Flow } from './model.ts';

/** Notes on one flow. */
export class FlowRun {
  static readonly #runs = new WeakMap<object, FlowRun>();
  readonly #call: Call<Flow>;
  /** Which item that is. */
  which: (item: unknown) => number | undefined = () => undefined;
  /** What the consumer has got. */
  readonly taken: unknown[] = [];
  takenAt = -1;
  readonly #takes: number[] = [];
  /** When the consumer left it. */
  leftAt: number | undefined;
  /** What the consumer throws. */
  readonly error: Error;
  #atWork = 0;
  /** The most that were at work at once. */
  most = 0;

  private constructor(call: Call<Flow>) {
    this.#call = call;
    this.error = new Error(call.world.fresh('consumer error '));
  }

  static of(call: Call<Flow>): FlowRun {
    const known = FlowRun.#runs.get(call) ?? new FlowRun(call);
    FlowRun.#runs.set(call, known);
    return known;
  }

  take(result: unknown): void {
    this.taken.push(result);
    this.takenAt = this.#call.world.now;
    this.#takes.push(this.takenAt);
  }

  /** Whether the consumer did something else at this time than to look for more; undefined for perhaps. */
  pausedAt(at: number): boolean | undefined {
    const { pause } = this.#call.work.consumer ?? {};
    if (pause === undefined) return false;
    if (this.#takes.some((taken) => taken < at && at < taken + pause)) return true;
    return this.#takes.some((taken) => taken <= at && at <= taken + pause) ? undefined : false;
  }

  leave(): void {
    this.leftAt = this.#call.world.now;
  }

  /** When the consumer looks for more. */
  get readyAt(): number {
    if (this.taken.length === 0) return -1;
    return this.takenAt + (this.#call.work.consumer?.pause ?? 0);
  }

  async counting(body: () => Promise<unknown>): Promise<unknown> {
    this.#atWork++;
    this.most = Math.max(this.most, this.#atWork);
    try {
      return await body();
    } finally {
      this.#atWork--;
    }
  }
}
