/**
 * The areas that can be asked for by name.
 *
 * @module
 */
import type { Case } from './case.ts';

/** The cases of each area, loaded when wanted. */
export const areas: Readonly<Record<Area, () => Promise<readonly Case[]>>> = {
  flow: async () => (await import('./flow.bench.ts')).cases,
  scope: async () => (await import('./scope.bench.ts')).cases,
  sync: async () => [
    ...(await import('./lock.bench.ts')).cases,
    ...(await import('./cancel.bench.ts')).cases,
    ...(await import('./channel.bench.ts')).cases,
    ...(await import('./explore.bench.ts')).cases,
  ],
  limiter: async () => (await import('./limiter.bench.ts')).cases,
  pace: async () => (await import('./pace.bench.ts')).cases,
  threads: async () => (await import('./threads.bench.ts')).cases,
  processes: async () => (await import('./processes.bench.ts')).cases,
  concurrently: async () => (await import('./concurrently.bench.ts')).cases,
  'run-sync': async () => (await import('./run-sync.bench.ts')).cases,
  retention: async () => (await import('./retention.bench.ts')).cases,
};

/** The name of an area. */
export type Area =
  | 'flow'
  | 'scope'
  | 'sync'
  | 'limiter'
  | 'pace'
  | 'threads'
  | 'processes'
  | 'concurrently'
  | 'run-sync'
  | 'retention';

/** Whether it is the name of an area. */
export function isArea(name: string): name is Area {
  return Object.hasOwn(areas, name);
}

/** The blocks of results in the README: each is of one run. A change to what the one measures seldom touches the other. */
export const blocks: Readonly<Record<string, readonly Area[]>> = {
  loop: ['flow', 'scope', 'sync', 'limiter', 'pace', 'retention'],
  workers: ['threads', 'processes', 'concurrently', 'run-sync'],
};
