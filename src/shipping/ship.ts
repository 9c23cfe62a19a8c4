/**
 * The sender's side: from a function to what travels. Three ways, tried in this order: declared with `task`, self-contained source text,
 * an export of a module. Anything else is refused before anything runs.
 *
 * @module
 */
import { functionName } from '../core/function-name.ts';
import { type Captures, capturesOf } from './captured.ts';
import { declarationOf } from './declared.ts';
import { NotShippable } from './errors.ts';
import { fileOfPlace } from './file-url.ts';
import { type FunctionText, readFunction } from './free-variables.ts';
import { incomplete } from './incomplete.ts';
import { locate, scriptOf } from './located.ts';
import { remember } from './placing.ts';
import { isMember, noBase, noCall, noSource, notEvaluated, uses } from './refusal.ts';
import type { AnyFunction, Shipment, Site, SourceShipment } from './shipment.ts';
import { bodyOf, type Expression, expressionOf, textOfFunction } from './source.ts';
import { isSloppy } from './strictness.ts';

const cache = new WeakMap<AnyFunction, Shipment | Promise<Shipment>>();

/**
 * Gives what travels in the place of a function: at once if it is declared, self-contained or known already; a promise if it must be
 * looked for among the exports of its module.
 *
 * @param site where the work was submitted, for the message of a refusal
 * @throws NotShippable if there is no way; a promise rejects with it
 *
 * Cost: 0.03 µs for a function that was shipped before. The first time 25 to 60 µs if its text has no free name, 0.3 to 1.5 ms if the
 * inspector is asked, 3 to 60 ms if its script must be found.
 */
export function ship(fn: AnyFunction, site?: Site): Shipment | Promise<Shipment> {
  const known = cache.get(fn);
  if (known !== undefined) return known;
  const shipment = declarationOf(fn) ?? analyse(fn, site, exported);
  cache.set(fn, shipment);
  if (shipment instanceof Promise) {
    shipment.then(
      (found) => cache.set(fn, found),
      // A refusal names the place of its call: the next one is told its own.
      () => cache.delete(fn),
    );
  }
  return shipment;
}

/**
 * The same for a caller that cannot wait: what is around a function cannot be looked for.
 *
 * @throws NotShippable if it is neither declared nor self-contained, and was not shipped before
 */
export function shipNow(fn: AnyFunction, site?: Site): Shipment {
  const known = cache.get(fn);
  if (known !== undefined && !(known instanceof Promise)) return known;
  const shipment = declarationOf(fn) ?? analyse(fn, site, refuse);
  cache.set(fn, shipment);
  return shipment;
}

/** What becomes of a function that uses what is around it. */
type Search<S> = (fn: AnyFunction, refusal: NotShippable, site: Site | undefined) => S;

function refuse(_: AnyFunction, refusal: NotShippable): never {
  throw refusal;
}

function analyse<S>(fn: AnyFunction, site: Site | undefined, search: Search<S>): Shipment | S {
  const text = textOfFunction(fn);
  if (/\{\s*\[native code\]\s*\}\s*$/.test(text)) throw noSource(fn, site);
  const read = readFunction(text);
  if (read.form === 'class') throw noCall(fn, site);
  const captures = capturesOf(fn, read);
  if (captures.variables.size > 0) return search(fn, uses(fn, read, captures, site), site);
  const found = sourceOf(fn, text, read, captures, site);
  return found instanceof NotShippable ? search(fn, found, site) : found;
}

async function exported(
  fn: AnyFunction,
  refusal: NotShippable,
  site: Site | undefined,
): Promise<Shipment> {
  const found = await locate(fn);
  if (found === undefined) throw refusal;
  if (typeof found === 'string') throw isMember(refusal, found, site);
  return found;
}

/** The text of a function that uses nothing around it; or why the text is not the whole function. */
function sourceOf(
  fn: AnyFunction,
  text: string,
  read: FunctionText,
  { own }: Captures,
  site: Site | undefined,
): SourceShipment | NotShippable {
  const base = baseOf(fn, read, site);
  const expression = expressionOf(text, read, functionName(fn), base);
  const isKnownSloppy = isSloppy(fn, read);
  const { sloppy, copy } = copied(fn, expression.text, isKnownSloppy, site);
  const refusal = incomplete({ fn, read, own, copy, site });
  if (refusal !== undefined) return refusal;
  const { text: self, at, from } = selfReferring(expression, own);
  const shipment: SourceShipment = {
    kind: 'source',
    text: self,
    name: functionName(fn),
    base,
    ...(sloppy && { sloppy }),
  };
  remember(shipment, { at, from });
  return shipment;
}

interface Copied {
  readonly sloppy: boolean;
  readonly copy: () => AnyFunction;
}

/** Compiles a copy in the mode of the function. Refuses what cannot be evaluated there: any text, where the host makes no code of text. */
function copied(
  fn: AnyFunction,
  expression: string,
  isKnownSloppy: boolean,
  site: Site | undefined,
): Copied {
  let failure: unknown;
  for (const sloppy of isKnownSloppy ? [true] : [false, true]) {
    try {
      return { sloppy, copy: new Function(bodyOf(expression, sloppy)) as () => AnyFunction };
    } catch (error) {
      failure ??= error;
    }
  }
  throw notEvaluated(fn, failure, site);
}

/** Gives a function the names by which it calls itself, as in `const fact = (n) => … fact(n - 1)`. */
function selfReferring(expression: Expression, [first, ...others]: readonly string[]): Expression {
  if (first === undefined) return expression;
  const { text, at, from } = expression;
  const before = `(() => { const ${first} = (`;
  const also = others.map((name) => `, ${name} = ${first}`).join('');
  const whole = `${before}${text}\n)${also}; return ${first}; })()`;
  return { text: whole, at: before.length + at, from };
}

/** The file against which the function's imports are resolved: its own, where the host tells, otherwise that of the call. */
function baseOf(
  fn: AnyFunction,
  { imports }: FunctionText,
  site: Site | undefined,
): string | undefined {
  if (imports.every((specifier) => specifier !== undefined && /^[a-z][\w+.-]*:/i.test(specifier))) {
    return undefined;
  }
  const base = scriptOf(fn) ?? fileOfPlace(site?.place);
  if (base !== undefined) return base;
  const relative = imports.find(
    (specifier) => specifier === undefined || /^\.{0,2}\//.test(specifier),
  );
  if (relative !== undefined) throw noBase(fn, relative, site);
  return undefined;
}
