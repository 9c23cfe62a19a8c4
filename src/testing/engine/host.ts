/**
 * The modules of the host that the engine contract uses. Loaded when it runs: `skein/testing` can be imported without them.
 *
 * @module
 */
import { hostModule } from '../../runtime/runtime.ts';

/** Modules of the host. */
export interface HostModules {
  readonly fs: typeof import('node:fs');
  readonly os: typeof import('node:os');
  readonly path: typeof import('node:path');
  readonly process: NodeJS.Process;
}

/** The assertions of the host. */
export type Assert = typeof import('node:assert/strict');

function need<T>(name: string): T {
  const module = hostModule<T>(name);
  if (module === undefined)
    throw new Error(`Cannot run the engine contract here: it needs ${name}`);
  return module;
}

let modules: HostModules | undefined;

/** Modules of the host. */
export function host(): HostModules {
  modules ??= {
    fs: need('node:fs'),
    os: need('node:os'),
    path: need('node:path'),
    process: need('node:process'),
  };
  return modules;
}

/** The assertions of the host. */
export function hostAssert(): Assert {
  return need('node:assert/strict');
}
