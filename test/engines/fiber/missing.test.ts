import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';

/** Node, as if `effect` were not installed. */
const withoutEffect = `
import { registerHooks } from 'node:module';
registerHooks({
  resolve(specifier, context, next) {
    if (!specifier.startsWith('effect')) return next(specifier, context);
    throw Object.assign(new Error("Cannot find package '" + specifier + "'"), { code: 'ERR_MODULE_NOT_FOUND' });
  },
});
const { map } = await import('skein');
const { fibers } = await import('skein/fiber');
const error = await map([1], (n) => n, { engine: fibers() }).catch((e) => e);
console.log(error.code, error.message, error.cause.code);
`;

function run(program: string): string {
  return execFileSync(
    'node',
    ['--conditions=@skein/source', '--input-type=module', '--no-warnings', '-e', program],
    { encoding: 'utf8' },
  ).trim();
}

describe('the package effect', () => {
  it('is asked for, with the command, when a fiber is to run and it is not there', () => {
    expect(run(withoutEffect)).toBe(
      "ERR_EFFECT_MISSING Cannot run fibers as the package 'effect' is not installed: npm install effect@^4.1.0 ERR_MODULE_NOT_FOUND",
    );
  });

  it('is loaded by nothing but a fiber', () => {
    const program = `
import { registerHooks } from 'node:module';
const loaded = [];
registerHooks({ resolve(specifier, context, next) { if (specifier.startsWith('effect')) loaded.push(specifier); return next(specifier, context); } });
await import('skein');
const { fibers } = await import('skein/fiber');
console.log(loaded.length);
await fibers().submit(() => 0, [], {});
console.log(loaded.length > 0);`;
    expect(run(program)).toBe('0\ntrue');
  });

  it('is left as it is until a failure has to get into a generator', () => {
    const program = `
import * as Effect from 'effect/Effect';
import { fiber, fibers } from 'skein/fiber';
const prototype = Object.getPrototypeOf(Effect.void[Symbol.iterator]());
const log = [];
const look = () => log.push(Object.getOwnPropertyNames(prototype).includes('throw'));
await fibers().submit(fiber(function* () { yield* Effect.succeed(1); }), [], {});
look();
await fibers().submit(fiber(function* () { try { yield* Effect.fail(1); } catch (e) { log.push(e); } }), [], {});
look();
console.log(log.join(' '));`;
    expect(run(program)).toBe('false 1 true');
  });

  it('may be frozen: a failure then ends a generator, whose finally runs', () => {
    const program = `
import * as Effect from 'effect/Effect';
import { fiber, fibers } from 'skein/fiber';
Object.freeze(Object.getPrototypeOf(Effect.void[Symbol.iterator]()));
const log = [];
const error = await fibers().submit(fiber(function* () {
  try {
    yield* Effect.fail('no');
  } catch {
    log.push('caught');
  } finally {
    yield* Effect.yieldNow;
    log.push('finally');
  }
}), [], {}).catch((e) => e);
console.log(log.join(' '), error);`;
    expect(run(program)).toBe('finally no');
  });
});
