/**
 * The guard against a worker that starts itself over and over: what a module starts when a worker imports it, the next worker would start
 * again, and so on without end. Two things tell: what is imported here, for a task or by `import()` in a function that was sent as text, is imported
 * in a context of its own, which all that it starts has too, its timers and promises; and for other imports (in a module, `require`) the stack is looked
 * at for the top level of a module.
 *
 * @module
 */
import { hostModule } from '../runtime/runtime.ts';
import { ImportingWorker } from './errors.ts';
import { fileUrl } from './file-url.ts';
import { modulesAtWork } from './module-level.ts';
import type { AnyFunction } from './shipment.ts';

type Storage = import('node:async_hooks').AsyncLocalStorage<Import>;

/** An import that was asked for. */
interface Import {
  readonly url: string;
  ended: boolean;
}

interface Imports {
  /** The import to which the code at work belongs; where contexts do not follow imports, the last that has not ended. */
  context: Storage | undefined;
  readonly open: Import[];
  /** The module with which this worker was started; null in one that was started otherwise, undefined in a heap that is none of our workers. */
  entry: string | null | undefined;
}

/** One for all copies of this package in the heap. */
const KEY = Symbol.for('skein.shipping.imports');
const holder = globalThis as { [KEY]?: Imports };
holder[KEY] ??= { context: undefined, open: [], entry: undefined };
const imports: Imports = holder[KEY];

/** Bun 1.4 evaluates a module outside the context of its import. */
const FOLLOWS = !('Bun' in globalThis);

/** Says that this heap is that of a worker. To be called by what runs its functions, before the first of them. */
export function workHere(): void {
  // It may run its calls while its own module is still being evaluated.
  if (imports.entry === undefined) imports.entry = modulesAtWork(workHere).at(-1) ?? null;
}

/** Whether this heap is that of a worker. */
export function isWorker(): boolean {
  return imports.entry !== undefined;
}

/** Imports a module in a worker. What that starts may start no work. */
export function importGuarded<T>(url: string, load: () => Promise<T>): Promise<T> {
  const entry: Import = { url, ended: false };
  const loaded = FOLLOWS ? inContext(entry, load) : inList(entry, load);
  return loaded.finally(() => {
    entry.ended = true;
  });
}

function inContext<T>(entry: Import, load: () => Promise<T>): Promise<T> {
  if (imports.context === undefined) {
    const hooks = hostModule<typeof import('node:async_hooks')>('node:async_hooks');
    if (hooks === undefined) return inList(entry, load);
    imports.context = new hooks.AsyncLocalStorage<Import>();
  }
  return imports.context.run(entry, load);
}

async function inList<T>(entry: Import, load: () => Promise<T>): Promise<T> {
  imports.open.push(entry);
  try {
    return await load();
  } finally {
    imports.open.splice(imports.open.indexOf(entry), 1);
  }
}

/**
 * Throws an ImportingWorker if the code at work belongs to a module that this worker imports. Cost: nothing outside workers; in them 30 ns, and
 * some 20 µs for the first calls with a function.
 *
 * @param what the call that would start work, for the message
 * @param fn the function that was handed over
 */
export function refuseWhileImporting(what: string, fn: AnyFunction): void {
  if (imports.entry === undefined) return;
  const found = imports.context?.getStore() ?? imports.open.at(-1);
  if (found === undefined && !isLookedAt(fn)) return;
  const module = moduleAround();
  if (module !== undefined) {
    looks.set(fn, 0);
    throw new ImportingWorker(what, module);
  }
  if (found !== undefined) throw new ImportingWorker(what, found.url, found.ended);
}

/** The innermost: it is what starts the work. */
function moduleAround(): string | undefined {
  const module = modulesAtWork(refuseWhileImporting).find((each) => each !== imports.entry);
  return module && (fileUrl(module) ?? module);
}

/** A module that starts work hands over a function that is new here; one that is called often is not looked at each time. */
const ALWAYS = 64;
const SELDOM = 256;
const looks = new WeakMap<AnyFunction, number>();

function isLookedAt(fn: AnyFunction): boolean {
  const count = looks.get(fn) ?? 0;
  looks.set(fn, count + 1);
  return count < ALWAYS || count % SELDOM === 0;
}
