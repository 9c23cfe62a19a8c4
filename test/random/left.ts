/**
 * What is left behind on request (`abandon`). Who asked for it is told at the first moment, and the rest goes on by itself: a leak check lists
 * it, and it must come to its end, but how it ends is nobody's business any more.
 *
 * @module
 */
import { alive } from 'skein/testing';
import { leftBehind } from '../../src/core/left-behind.ts';
import { rootToken, Token } from '../../src/core/token.ts';
import type { Call } from './call.ts';
import type { Program, Work } from './model.ts';
import { partsOf } from './stuck.ts';
import type { World } from './world.ts';

/** Whether it leaves behind what does not stop at once. */
export function abandons(work: Work): boolean {
  return 'abandon' in work && work.abandon === true;
}

/** The same of a call; that of a limiter has the work of its function, which is not its own. */
export function leavesBehind({ work, part }: Call): boolean {
  return part.as !== 'call' && abandons(work);
}

/** Whether anything in a program does. */
export function mayAbandon({ work }: Program): boolean {
  return someAbandons(work);
}

function someAbandons(node: Parameters<typeof partsOf>[0]): boolean {
  return (node.kind !== 'source' && abandons(node)) || partsOf(node).some(someAbandons);
}

/** Whether a call belongs to what was left behind. */
export function isLeft({ parent }: Call): boolean {
  for (let each = parent; each !== undefined; each = each.parent) {
    if (leavesBehind(each) && each.end !== undefined) return true;
    if (each.left) return true;
  }
  return false;
}

/** What is at work below a call that has ended is listed by a leak check. */
export function judgeListed(call: Call): void {
  if (!leavesBehind(call)) return;
  const { things } = alive();
  for (const part of call.parts) {
    if (part.end !== undefined || call.left) continue;
    if (part.part.as === 'body' && leftBehind().length === 0)
      call.blame('not listed', `${part.name} was left behind, and nothing tells of it`);
    if (part.part.as === 'task' && !things.has(topOf(part.home.token)))
      call.blame('not listed', `${part.name} was left behind, and is in no tree`);
  }
}

/** The places where sources that do not close are closed for ever: one of each such source, and all are listed. */
export function placesOfDeaf(world: World): Set<unknown> {
  const { things } = alive();
  const places = new Set<unknown>();
  for (const readBy of world.deaf.map((each) => each())) {
    if (readBy === undefined) continue;
    const name = `the source of ${readBy.name}`;
    const place = [...things].find(
      (thing) =>
        thing instanceof Token &&
        thing.unit === readBy &&
        thing.name === name &&
        thing.firstChild === undefined,
    );
    if (place === undefined)
      world.blame('not listed', 'the program', `${name} is open, and in no tree`);
    places.add(place);
  }
  return places;
}

function topOf(token: Token): unknown {
  let top = token;
  while (top.parent !== undefined && top.parent !== rootToken) top = top.parent;
  return top;
}
