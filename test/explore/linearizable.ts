/**
 * Histories of calls, and whether they could have come from a sequential machine.
 *
 * @module
 */

/** One call that has returned. */
interface Call<S> {
  readonly text: string;
  readonly invoked: number;
  readonly returned: number;
  /** The state after the call, or undefined where the machine could not have answered like that. */
  readonly apply: (state: S) => S | undefined;
}

/**
 * Records what tasks call and what they get. A call that throws has had no effect (rule S7), so it is not part of the history: if it
 * did have one, the others do not fit.
 */
export class History<S> {
  readonly #initial: S;
  readonly #calls: Call<S>[] = [];
  #time = 0;

  constructor(initial: S) {
    this.#initial = initial;
  }

  /** Calls `fn`; `model` says what the machine does where it gives this result. */
  async call<R>(
    text: string,
    fn: () => R | Promise<R>,
    model: (state: S, result: R) => S | undefined,
  ): Promise<R> {
    const invoked = this.#time++;
    const result = await fn();
    this.#calls.push({
      text: `${text} = ${String(result)}`,
      invoked,
      returned: this.#time++,
      apply: (state) => model(state, result),
    });
    return result;
  }

  /** The same for a call that does not wait: nothing comes between its beginning and its end. */
  now<R>(text: string, fn: () => R, model: (state: S, result: R) => S | undefined): R {
    const invoked = this.#time++;
    const result = fn();
    const returned = this.#time++;
    this.#calls.push({ text, invoked, returned, apply: (state) => model(state, result) });
    return result;
  }

  /**
   * Finds an order of the calls that the machine could have run: one that respects which call had returned before another began (Wing
   * and Gong 1993). Gives the state after it.
   *
   * @throws Error that lists the calls, when there is none
   */
  check(): S {
    const end = search(this.#calls, this.#initial);
    if (end !== undefined) return end.state;
    const lines = this.#calls.map(
      ({ text, invoked, returned }) => `${invoked}-${returned} ${text}`,
    );
    throw new Error(`No sequential order explains\n${lines.join('\n')}`);
  }
}

function search<S>(calls: readonly Call<S>[], state: S): { readonly state: S } | undefined {
  if (calls.length === 0) return { state };
  const horizon = Math.min(...calls.map((call) => call.returned));
  for (const call of calls) {
    if (call.invoked > horizon) continue;
    const next = call.apply(state);
    if (next === undefined) continue;
    const end = search(
      calls.filter((other) => other !== call),
      next,
    );
    if (end !== undefined) return end;
  }
  return undefined;
}
