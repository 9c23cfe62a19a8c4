/**
 * Which errors say that the other side is overloaded: the ones from which an adaptive limit shrinks.
 *
 * @module
 */

/** HTTP: too many requests, and out of service. */
const STATUSES: ReadonlySet<unknown> = new Set([429, 503]);

/** Time-outs of this library, of Node's sockets and of its fetch. */
const CODES: ReadonlySet<unknown> = new Set([
  'ERR_TIMED_OUT',
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
]);

interface Telling {
  readonly status?: unknown;
  readonly statusCode?: unknown;
  readonly code?: unknown;
  readonly name?: unknown;
  readonly response?: { readonly status?: unknown } | null;
}

/** Whether an error says that the other side is overloaded: status 429 or 503, or a time-out. */
export function isOverload(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const { status, statusCode, code, name, response } = error as Telling;
  return (
    STATUSES.has(status) ||
    STATUSES.has(statusCode) ||
    STATUSES.has(response?.status) ||
    CODES.has(code) ||
    name === 'TimeoutError'
  );
}
