/**
 * Our package as its users get it, for the benches of workers: built once a run, in a folder beside them. Workers that load it from its source
 * strip types, and what the runtime compiles for that goes on long after they have started, on the cores that are measured.
 *
 * @module
 */
import { fileURLToPath } from 'node:url';

const FOLDER = new URL('.built/', import.meta.url);

/** Builds it. */
export async function buildPackage(): Promise<void> {
  const { build } = await import('../scripts/build.ts');
  await build(fileURLToPath(FOLDER));
}

/** What `skein` exports. */
export function skein(): Promise<typeof import('../src/index.ts')> {
  return import(new URL('index.js', FOLDER).href);
}

/** What `skein/fiber` exports. */
export function skeinFiber(): Promise<typeof import('../src/engines/fiber/index.ts')> {
  return import(new URL('engines/fiber/index.js', FOLDER).href);
}
