/**
 * The attempts of one flow: the user's function with all that was asked for around it, let in by a limiter where there is one.
 *
 * @module
 */
import { CallContext, type MaybePromise } from '../core/context.ts';
import type { Token } from '../core/token.ts';
import type { Course } from '../pace/retry-course.ts';
import type { CapturedContext } from '../runtime/context.ts';
import { Admission } from './admission.ts';
import { bodyOf, type Timed, timedBodyOf } from './attempt.ts';
import type { FlowPlan, Mapper } from './options.ts';
import type { Work } from './work.ts';

/** Makes attempts. */
export class Attempts<T, R> {
  readonly #token: Token;
  readonly #body: Mapper<T, R>;
  /** In place of the body, where all attempts at an item share a deadline. */
  readonly #timed: Timed<T, R> | undefined;
  readonly #admission: Admission | undefined;

  /** @param next called when another attempt may ask to be let in */
  constructor(
    plan: FlowPlan,
    work: Work<T, R>,
    token: Token,
    context: CapturedContext,
    next: () => void,
  ) {
    this.#token = token;
    if (plan.runner !== undefined) {
      this.#admission = new Admission(plan.runner, token, context, next);
    }
    this.#body = bodyOf(plan, work.body, token, context);
    if (plan.retry?.isTimed === true) this.#timed = timedBodyOf(plan, work.body);
  }

  /** Whether one stands at the door, and no other may come. */
  get areHeld(): boolean {
    return this.#admission?.waits === true;
  }

  /** Makes one at an item. */
  make(item: T, index: number, course: Course | undefined): MaybePromise<R> {
    return this.#admission === undefined
      ? this.#call(item, index, course)
      : this.#admission.ask(() => this.#call(item, index, course));
  }

  #call(item: T, index: number, course: Course | undefined): MaybePromise<R> {
    if (this.#timed !== undefined) return this.#timed(item, index, course as Course);
    return this.#body(item, new CallContext(this.#token, index, course?.attempt ?? 1));
  }
}
