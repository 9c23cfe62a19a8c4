/**
 * One suite for all engines: whatever runs a function, it does so by the same rules.
 *
 * @module
 */
import { requireFunction } from '../../core/arguments.ts';
import type { MaybePromise } from '../../core/context.ts';
import type { Engine } from '../../core/engine.ts';
import { type NamesOf, requireOptions } from '../../core/known-options.ts';
import { alive, leaksSince } from '../leaks.ts';
import { cancelCases } from './cases-cancel.ts';
import { endCases, misuseCases } from './cases-end.ts';
import { errorCases } from './cases-errors.ts';
import { flowCases } from './cases-flow.ts';
import { orderCases } from './cases-order.ts';
import { scopeCases } from './cases-scope.ts';
import { timeCases } from './cases-time.ts';
import { valueCases } from './cases-values.ts';
import { within } from './check.ts';
import type { CaseBody, EngineTrait } from './contract-case.ts';
import { Journal } from './journal.ts';

/** What the suite should know of an engine. */
export interface EngineContractOptions {
  /**
   * What it cannot do by its nature, with the reason, which the skipped cases show: `copies` (arguments and results are copied),
   * `queues` (what is beyond the capacity waits in its line), `kills` (what ignores its signal is ended after the grace), `closes`
   * (a disposed one takes nothing more). Default: it can do everything.
   */
  readonly lacks?: Readonly<Partial<Record<EngineTrait, string>>> | undefined;
  /** Cases to leave out: what their name starts with, and the reason. */
  readonly skip?: Readonly<Record<string, string>> | undefined;
  /** How long one case may take, in milliseconds. Default 25 000. */
  readonly limit?: number | undefined;
}

/** A test, for any runner. */
export interface ContractCase {
  readonly name: string;
  /** Why it is left out; undefined for a case that is run. */
  readonly skip: string | undefined;
  /** Makes an engine, runs the case, disposes the engine and looks for what was left behind. */
  run(): Promise<void>;
}

const NAMES: NamesOf<EngineContractOptions> = { lacks: true, skip: true, limit: true };
const TRAITS: NamesOf<EngineContractOptions['lacks']> = {
  copies: true,
  queues: true,
  kills: true,
  closes: true,
};

const ALL: readonly CaseBody[] = [
  ...valueCases,
  ...errorCases,
  ...orderCases,
  ...cancelCases,
  ...scopeCases,
  ...timeCases,
  ...flowCases,
  ...misuseCases,
  ...endCases,
];

/**
 * Gives the tests that every engine must pass, as a list for any runner: values and errors arrive as what they were, nothing runs
 * twice or in the wrong order, cancellation and time-outs reach the body and its end is awaited, wrong use is an error at once,
 * nothing is left behind. The bodies are declared in a module of this package, so an engine with another memory must be able to
 * import it. They tell what they do by files in a temporary directory, which is removed after each case, or when the process ends: an
 * engine on another machine needs a shared one.
 *
 * @param factory makes a new engine that runs `size` bodies at once; an engine whose size is fixed may ignore it
 * @param options what the engine cannot do; TypeError for an unknown trait
 *
 * @example
 * ```ts
 * import { loop } from 'skein';
 * import { engineContract } from 'skein/testing';
 *
 * const lacks = {
 *   copies: 'it shares the memory of its caller',
 *   queues: 'a flow limits it, it has no line',
 *   kills: 'nothing can end a function of the same thread',
 *   closes: 'there is nothing to close',
 * };
 * // In a test file: import { test } from 'node:test', vitest or bun:test.
 * const test = (name: string, options: { skip: boolean }, run: () => Promise<void>) => run;
 * for (const { name, skip, run } of engineContract(() => loop(), { lacks })) {
 *   test(name, { skip: skip !== undefined }, run);
 * }
 * ```
 */
export function engineContract(
  factory: (size: number) => MaybePromise<Engine>,
  options: EngineContractOptions = {},
): readonly ContractCase[] {
  requireFunction(factory, 'factory');
  requireOptions(options, NAMES, 'engineContract');
  const { lacks = {}, skip = {}, limit = 25_000 } = options;
  requireOptions(lacks, TRAITS, 'lacks');
  return ALL.map((contractCase) => ({
    name: contractCase.name,
    skip: reasonToSkip(contractCase, lacks, skip),
    run: () => runCase(contractCase, factory, limit),
  }));
}

function reasonToSkip(
  { name, needs = [], unless }: CaseBody,
  lacks: Readonly<Partial<Record<EngineTrait, string>>>,
  skip: Readonly<Record<string, string>>,
): string | undefined {
  for (const [start, reason] of Object.entries(skip)) if (name.startsWith(start)) return reason;
  for (const trait of needs) if (lacks[trait] !== undefined) return lacks[trait];
  if (unless !== undefined && lacks[unless] === undefined) {
    return 'for engines that cannot do what this one does';
  }
  return undefined;
}

async function runCase(
  { name, size = 2, body }: CaseBody,
  factory: (size: number) => MaybePromise<Engine>,
  limit: number,
): Promise<void> {
  const before = alive();
  const journal = Journal.open();
  try {
    const engine = await factory(size);
    try {
      await within(limit, body({ engine: watched(engine), journal }), `"${name}"`);
    } finally {
      // Whatever a failed case holds is let go.
      journal.release();
      await within(limit, Promise.resolve(engine[Symbol.asyncDispose]()), 'the disposal');
    }
  } finally {
    journal[Symbol.dispose]();
  }
  const leaks = await leaksSince(before);
  if (leaks !== undefined) throw new Error(`Left behind by "${name}":\n${leaks}`);
}

/** The same engine, whose rejections count as handled: the calls of a case that has failed half-way must not end the process. */
function watched(engine: Engine): Engine {
  return new Proxy(engine, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key, target);
      if (typeof value !== 'function') return value;
      if (key !== 'submit') return value.bind(target) as unknown;
      return (...all: Parameters<Engine['submit']>): unknown => {
        const result = target.submit(...all);
        Promise.resolve(result).catch(() => undefined);
        return result;
      };
    },
  });
}
