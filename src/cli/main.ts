#!/usr/bin/env node
import { Console } from 'node:console';
/**
 * The command. Data goes to stdout, everything else to stderr; a mistake of its user is one line there, never a stack.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import { UsageError } from './failure.ts';
import { MAP_HELP, mapCommand } from './map.ts';

const HELP = `Usage: skein <command> [options]

Commands:
  map MODULE[#export] [INPUT...]   run a function over lines, JSON lines or files

Options:
  --help       show this, or the help of a command
  --version    show the version

Exit codes: 0 all fine, 1 some items failed, 2 wrong use, 130 and 143 on SIGINT and SIGTERM
`;

async function main(args: readonly string[]): Promise<number> {
  const [command, ...rest] = args;
  if (command === '--version') {
    process.stdout.write(`${version()}\n`);
    return 0;
  }
  if (command === undefined || command === '--help' || command === 'help') {
    process[command === undefined ? 'stderr' : 'stdout'].write(HELP);
    return command === undefined ? 2 : 0;
  }
  if (command !== 'map')
    throw new UsageError(`Cannot run '${command}': no such command`, { help: HELP });
  if (rest.includes('--help') || rest.includes('-h')) {
    process.stdout.write(MAP_HELP);
    return 0;
  }
  return mapCommand(rest);
}

function version(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

/** What was written must be out before the process ends: a pipe may be slow. */
function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((done) => {
    stream.write('', () => done());
  });
}

// Only records belong on stdout, so what the user's function logs goes to stderr.
globalThis.console = new Console(process.stderr, process.stderr);

let code: number;
try {
  code = await main(process.argv.slice(2));
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`skein: ${message}\n`);
  if (error instanceof UsageError && error.help !== undefined) {
    process.stderr.write(`\n${error.help}`);
  }
  code = 2;
}
await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
// A module of the user's may hold connections open: the work is done all the same.
process.exit(code);
