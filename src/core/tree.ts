/**
 * The live scopes, tasks and flows as text: what a deadlock report, a leak check and a dump show.
 *
 * @module
 */
import { waitsOf } from './grace.ts';
import { now } from './kernel.ts';
import { fewOf } from './shown.ts';
import { rootToken, type Token } from './token.ts';

/** Draws everything alive below a token, one line each, with age and waits. Empty when nothing is alive. */
export function taskTree(from: Token = rootToken): string {
  const lines: string[] = [];
  draw(from, '', lines);
  return lines.join('\n');
}

function draw(parent: Token, indent: string, lines: string[]): void {
  for (const label of parent === rootToken ? waitsOf(parent) : []) lines.push(`waits for ${label}`);
  for (let child = parent.firstChild; child !== undefined; child = child.nextSibling) {
    const last = child.nextSibling === undefined;
    lines.push(`${indent}${last ? '└─' : '├─'} ${line(child)}`);
    draw(child, `${indent}${last ? '   ' : '│  '}`, lines);
  }
}

function line(token: Token): string {
  const waits = waitsOf(token);
  const state =
    token.effective !== undefined
      ? 'cancelling'
      : (token.task?.token === token && token.task.status) || 'open';
  const waiting = waits.length === 0 ? '' : `, waits for ${fewOf(waits)}`;
  return `${token.name} #${token.id} ${state} ${Math.round(now() - token.started)} ms${waiting}`;
}
