/**
 * Runs a drawn function here, among variables that hide globals, and as a worker has it, made of what was shipped: both must give the
 * same, or it must be refused. And the reader must find what acorn finds.
 *
 * @module
 */
import { parse } from 'acorn';
import { NotShippable } from '../../../src/shipping/errors.ts';
import { type FunctionText, readFunction } from '../../../src/shipping/free-variables.ts';
import { shipNow } from '../../../src/shipping/ship.ts';
import type { AnyFunction, Shipment } from '../../../src/shipping/shipment.ts';
import { KEYWORDS, NAMES } from './dice.ts';
import { drawFunction } from './draw-function.ts';
import { freeOf, functionsIn, type Tree, textOf } from './scopes-of-acorn.ts';
import { refill, shown, valueFor, world } from './world.ts';

/** What became of a text. `louder`: it fails there for being strict code, and does not here. */
export type Fate = 'no code' | 'refused' | 'equal' | 'louder' | 'different' | 'misread';

/** What was found. */
export interface Outcome {
  readonly fate: Fate;
  /** Why it is refused although it uses no variable around it, and is strict code. */
  readonly needlessly: string | undefined;
  readonly text: string;
  readonly why: string;
}

/** Draws the function of a seed, and compares. `runThere` runs what was shipped in another heap. */
export async function compareSides(
  seed: number,
  runThere: (shipment: Shipment) => Promise<string>,
): Promise<Outcome> {
  const text = drawFunction(seed);
  const isStrict = seed % 3 !== 0 || seed % 10 === 9;
  const around = NAMES.filter((_, index) => (seed * 7919 + index * 104729) % 5 === 0);
  const own = seed % 6 === 0 ? NAMES[seed % NAMES.length] : undefined;
  refill();
  const inModule = seed % 10 === 9;
  const fn = inModule
    ? await madeInModule(text, around)
    : made(text, around, isStrict, /async/.test(text) ? undefined : own);
  const outcome = (fate: Fate, why = '', needlessly?: string): Outcome => ({
    fate,
    needlessly,
    why,
    text: `${isStrict ? 'strict' : 'sloppy'}, around it ${around}, own ${own}: ${text}`,
  });
  if (fn === undefined) return outcome('no code');
  const read = readFunction(String(fn));
  const misread = compareRead(fn, read, text);
  if (misread !== undefined) return outcome('misread', misread);
  // Of what else it has, or has not, in a worker: see ship.test.ts.
  if (read.usesThis && read.form === 'method') return outcome('refused', 'this');
  let shipment: Shipment;
  try {
    shipment = shipNow(fn);
  } catch (error) {
    if (!(error instanceof NotShippable)) throw error;
    const isNeedless = isStrict && !error.captured.some((name) => around.includes(name));
    return outcome('refused', error.message, isNeedless ? error.captured.join() : undefined);
  }
  const before = await shown(fn);
  const after = await runThere(shipment);
  if (before === after) return outcome('equal', before);
  const isLouder = !isStrict && /\b(?:TypeError|ReferenceError)\b/.test(after);
  return outcome(isLouder ? 'louder' : 'different', `here ${before}, there ${after}`);
}

function made(
  text: string,
  around: readonly string[],
  isStrict: boolean,
  own: string | undefined,
): AnyFunction | undefined {
  const names = isStrict
    ? around.filter((name) => name === 'await' || !KEYWORDS.has(name))
    : around;
  const named =
    own === undefined ? `(${text}\n)` : `(() => { const ${own} = (${text}\n); return ${own}; })()`;
  try {
    const body = `${isStrict ? "'use strict';" : ''} return ${named};`;
    return heldBy(new Function(...names, body)(...names.map((name) => valueFor(name, 0))), text);
  } catch {
    return undefined;
  }
}

async function madeInModule(
  text: string,
  around: readonly string[],
): Promise<AnyFunction | undefined> {
  const names = around.filter((name) => !KEYWORDS.has(name));
  world.$around = Object.fromEntries(names.map((name) => [name, valueFor(name, 0)]));
  const code = `const { ${names.join()} } = globalThis.$around; export default (${text}\n);`;
  try {
    const { default: holder } = (await import(
      `data:text/javascript,${encodeURIComponent(code)}`
    )) as { default: object };
    return heldBy(holder, text);
  } catch {
    return undefined;
  }
}

/** The function itself, or the method of what was made of the text. */
function heldBy(holder: object, text: string): AnyFunction | undefined {
  if (typeof holder === 'function' && !text.startsWith('(class')) return holder as AnyFunction;
  for (const key of Reflect.ownKeys(holder)) {
    const { value, get } = Reflect.getOwnPropertyDescriptor(holder, key) ?? {};
    const found: unknown = get ?? value;
    if (typeof found === 'function') return found as AnyFunction;
  }
  return undefined;
}

/** What the reader does not find, or finds and is not there; undefined if it reads well, or not at all. */
function compareRead(fn: AnyFunction, { free }: FunctionText, text: string): string | undefined {
  if (/^(?:unknown syntax|deep nesting|<!--|-->)$/.test(free.join())) return undefined;
  let tree: unknown;
  try {
    tree = parse(`async function _() { (${text}\n) }`, {
      ecmaVersion: 'latest',
      sourceType: 'script',
    });
  } catch {
    return undefined;
  }
  const node = [...functionsIn(tree)].find(
    (each) => textOf(each, `async function _() { (${text}\n) }`) === String(fn),
  ) as Tree | undefined;
  if (node === undefined) return undefined;
  const expected = freeOf(node);
  // `f(eval)(x)` counts as `(eval)(x)`.
  const got = free.filter((name) => name !== 'eval(…)' || expected.has(name));
  const [left, right] = [[...expected].sort().join(), [...got].sort().join()];
  return left === right ? undefined : `acorn: ${left}; read: ${right}`;
}
