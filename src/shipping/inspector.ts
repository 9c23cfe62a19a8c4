/**
 * Asks the host about a function through its inspector, on Node only. A session is opened for one question and closed again. The debugger is
 * enabled within one call at most, where there is no other way: as long as it is, every await takes 7 to 10 times as long.
 *
 * @module
 */
import { hostModule } from '../runtime/runtime.ts';
import type { AnyFunction } from './shipment.ts';

/** A value as the inspector describes it. */
export interface Remote {
  readonly type: string;
  readonly subtype?: string;
  readonly className?: string;
  readonly description?: string;
  readonly objectId?: string;
  readonly value?: unknown;
}

/** A property of a value; without `value` it is an accessor, or a variable that is not initialised yet. */
export interface Property {
  readonly name: string;
  readonly value?: Remote;
}

/** The answers, at once. */
export interface Inspector {
  post<T>(method: string, params?: object): T;
  /** The function, and what the host keeps about it: `[[Scopes]]`, `[[FunctionLocation]]`. */
  readonly subject: Remote;
  readonly internals: readonly Property[];
  properties(value: Remote): readonly Property[];
  /** The URLs of scripts by id: those of a cheap list, which leaves out scripts that were not used of late. */
  usedScripts(): ReadonlyMap<string, string>;
  /** The same for all scripts; 60 ms. */
  allScripts(): ReadonlyMap<string, string>;
  /** The source of a script as the host has read it; 60 ms. */
  sourceOf(scriptId: string): string;
}

interface ScriptId {
  readonly scriptId: string;
  readonly url: string;
}

interface Session {
  connect(): void;
  disconnect(): void;
  on(event: string, listener: (message: { readonly params: ScriptId }) => void): void;
  post(
    method: string,
    params: object | undefined,
    done: (error: Error | null, result?: object) => void,
  ): void;
}

/** Under this key the inspector finds the function; it is there during one call only. */
const KEY = 'skein.shipping.subject';
const holder = globalThis as { [key: symbol]: unknown };
const GROUP = 'skein';

let missing = false;

/**
 * Asks about a function. Undefined where the host has no inspector that answers at once (Bun, Deno, a browser) or does not allow its use.
 *
 * Cost: 0.3 ms for the session.
 */
export function inspect<T>(fn: AnyFunction, ask: (inspector: Inspector) => T): T | undefined {
  if (missing) return undefined;
  let session: Session | undefined;
  let connected = false;
  try {
    const host = hostModule<{ readonly Session: new () => Session }>('node:inspector');
    if (host === undefined) throw new Error('no inspector');
    session = new host.Session();
    session.connect();
    connected = true;
    return ask(open(session, fn));
  } catch {
    if (!connected) missing = true;
    return undefined;
  } finally {
    close(session);
  }
}

function close(session: Session | undefined): void {
  try {
    session?.disconnect();
  } catch {
    // It was never connected.
  }
}

function open(session: Session, fn: AnyFunction): Inspector {
  const post = <T>(method: string, params?: object): T => {
    let answer: { readonly error: Error | null; readonly result?: object | undefined } | undefined;
    session.post(method, params, (error, result) => {
      answer = { error, result };
    });
    if (answer === undefined) {
      missing = true;
      throw new Error('the inspector answers later');
    }
    if (answer.error !== null || answer.result === undefined) throw new Error('no answer');
    return answer.result as T;
  };
  const key = Symbol.for(KEY);
  holder[key] = fn;
  let subject: Remote;
  try {
    const expression = `globalThis[Symbol.for('${KEY}')]`;
    subject = post<{ result: Remote }>('Runtime.evaluate', {
      expression,
      objectGroup: GROUP,
    }).result;
  } finally {
    delete holder[key];
  }
  const propertiesOf = ({ objectId }: Remote): Properties =>
    post<Properties>('Runtime.getProperties', { objectId, ownProperties: true });
  const withDebugger = (ask: () => void): void => {
    try {
      post('Debugger.enable');
      ask();
    } finally {
      post('Debugger.disable');
    }
  };
  return {
    post,
    subject,
    internals: propertiesOf(subject).internalProperties ?? [],
    properties: (value) => propertiesOf(value).result,
    usedScripts: () => {
      // Not enabling the profiler first leaves the coverage alone that somebody else may be collecting.
      const { result } = post<{ result: ScriptId[] }>('Profiler.getBestEffortCoverage');
      return new Map(result.map(({ scriptId, url }) => [scriptId, url]));
    },
    allScripts: () => {
      const urls = new Map<string, string>();
      session.on('Debugger.scriptParsed', ({ params }) => urls.set(params.scriptId, params.url));
      withDebugger(() => undefined);
      return urls;
    },
    sourceOf: (scriptId) => {
      let source = '';
      withDebugger(() => {
        source = post<{ scriptSource: string }>('Debugger.getScriptSource', {
          scriptId,
        }).scriptSource;
      });
      return source;
    },
  };
}

interface Properties {
  readonly result: readonly Property[];
  readonly internalProperties?: readonly Property[];
}
