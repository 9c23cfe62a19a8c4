/**
 * The command. Data goes to stdout, everything else to stderr; a mistake of its user is one line there, never a stack.
 *
 * @module
 */
import { Console } from 'node:console';
import { readFileSync } from 'node:fs';
import { EXIT_CODES_HELP, NEVER_SETTLED, WRONG_USE } from './exit-codes.ts';
import { NeverSettled, UsageError } from './failure.ts';
import { watchIdle } from './idle.ts';
import { leave } from './leave.ts';
import { mapCommand } from './map.ts';
import { MAP_HELP } from './map-arguments.ts';
import { flushed, say, watchOutput, writeOut } from './output.ts';
import { suggestion } from './suggestion.ts';

const HELP = `Usage: skein <command> [options]

Commands:
  map MODULE[#export] [INPUT...]   run a function over lines, JSON lines or files

Options:
  -h, --help   show this, or the help of a command
  --version    show the version

${EXIT_CODES_HELP}`;

async function main(args: readonly string[]): Promise<number> {
  const [command, ...rest] = args;
  if (command === '--version') {
    await writeOut(`${version()}\n`);
    return 0;
  }
  if (command === undefined) {
    process.stderr.write(HELP);
    return WRONG_USE;
  }
  if (command === '--help' || command === '-h' || command === 'help') {
    await writeOut(HELP);
    return 0;
  }
  if (command !== 'map') {
    const meant = suggestion(command, ['map', 'help', '--help', '--version']);
    throw new UsageError(`Cannot run '${command}': no such command${meant}`, { help: HELP });
  }
  if (rest.includes('--help') || rest.includes('-h')) {
    await writeOut(MAP_HELP);
    return 0;
  }
  return mapCommand(rest);
}

function version(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

// Only records belong on stdout, so what the user's function logs goes to stderr.
globalThis.console = new Console(process.stderr, process.stderr);
watchOutput();
watchIdle();

let code: number;
try {
  code = await main(process.argv.slice(2));
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  if (error instanceof UsageError && error.help !== undefined) {
    process.stderr.write(`\n${error.help}`);
  }
  code = error instanceof NeverSettled ? NEVER_SETTLED : WRONG_USE;
}
await flushed();
// A module of the user's may hold connections open: the work is done all the same.
leave(code);
