import type { CollectOptions, FlowOptions, Scope } from 'skein';
import type { NamesOf } from '../../src/core/known-options.ts';

// The names of options cannot fall behind their type: one that is missing, or one too many, does not compile.

type Defer = NamesOf<Parameters<Scope['defer']>[1]>;
export const defer: Defer = { timeout: true };

// @ts-expect-error `timeout` is missing
export const none: Defer = {};

// @ts-expect-error `delay` is none
export const tooMany: Defer = { timeout: true, delay: true };

type Others = NamesOf<Omit<FlowOptions, 'concurrency' | 'buffer'>>;

// @ts-expect-error `workers` is missing
export const collect = (others: Others): NamesOf<CollectOptions> => ({ ...others });
