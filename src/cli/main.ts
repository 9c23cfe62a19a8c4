#!/usr/bin/env node
/**
 * The entry of the command. A Node that is too old could not even read the rest, and would show a syntax error. So what is here is as
 * plain as can be: any Node that knows modules can read it.
 *
 * @module
 */

const NEEDED_MAJOR = 22;
const NEEDED_MINOR = 18;

const parts = process.versions.node.split('.');
const major = Number(parts[0]);
const minor = Number(parts[1]);
// Bun and Deno have a version of Node too, which says what they are like.
const isNode = !('bun' in process.versions) && !('deno' in process.versions);

if (isNode && (major < NEEDED_MAJOR || (major === NEEDED_MAJOR && minor < NEEDED_MINOR))) {
  process.stderr.write(
    'skein needs Node ' +
      NEEDED_MAJOR +
      '.' +
      NEEDED_MINOR +
      ' or newer: this is ' +
      process.versions.node +
      '\n',
  );
  process.exitCode = 2;
} else {
  void import('./command.ts');
}
