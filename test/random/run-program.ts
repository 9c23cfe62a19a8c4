/**
 * Runs one random program and says what was wrong.
 *
 * @module
 */
import { setImmediate as turn } from 'node:timers/promises';
import { map, StuckTasks, UnhandledErrors } from 'skein';
import { fibers } from 'skein/fiber';
import { alive, leaksSince } from 'skein/testing';
import { kernel } from '../../src/core/kernel.ts';
import { Call, type Kinds } from './call.ts';
import { copies } from './copies.ts';
import { Ear } from './ear.ts';
import { flow } from './flows.ts';
import { leaf } from './leaves.ts';
import { mayAbandon, placesOfDeaf } from './left.ts';
import { limited } from './limiters.ts';
import { repeated, sequence, timeLimit } from './limits.ts';
import { LEFT_AFTER, type Program, type TimeLimit, type Work } from './model.ts';
import { permits } from './permits.ts';
import { block, handle } from './scopes.ts';
import { mayBeStuck } from './stuck.ts';
import { wait } from './waits.ts';
import { SHARED, type Violation, World } from './world.ts';

/** What each kind of work does, and how it must end. */
export const KINDS: Kinds = {
  leaf,
  wait,
  sequence,
  scope: block,
  handle,
  timeout: timeLimit,
  moveOnAfter: timeLimit,
  retry: repeated,
  flow,
  copies,
  limiter: limited,
  permits,
};

// The first fiber loads Effect from files, which takes turns of the loop that nobody counts.
await map([0], (n) => n, { engine: fibers() });

/** By then everything has ended, all times of grace included. */
const UNTIL = 100_000;

/** How long time goes on for what was left behind: longer than the grace of anything in it. */
const LEFT_FOR = 20_000;

/** Runs it in a world of its own. */
export async function runProgram(
  { work, outsideFirst }: Program,
  kinds: Kinds = KINDS,
): Promise<readonly Violation[]> {
  const world = new World(kinds, outsideFirst);
  await turn();
  const ear = new Ear();
  try {
    await run(world, work, mayAbandon({ work, outsideFirst }));
    const places = placesOfDeaf(world);
    for (const made of world.made) made.drop();
    await turn();
    await turn();
    const { things } = alive();
    if ([...places].some((place) => things.has(place)))
      world.blame('left behind', 'the program', 'the place of a source that has closed');
  } finally {
    ear.stop();
  }
  judgeHeard(world, ear, mayBeStuck(work));
  return world.violations;
}

async function run(world: World, work: Work, leaves: boolean): Promise<void> {
  const before = alive();
  const counts = count();
  const root: TimeLimit = { kind: 'moveOnAfter', after: LEFT_AFTER, body: work };
  const start = (): Promise<unknown> => new Call<TimeLimit>(world, root, { as: 'work' }).run();
  const isStuck = mayBeStuck(work);
  const how = await world.run(start, UNTIL, isStuck || leaves ? LEFT_FOR : 0);
  const things = new Set([...before.things, ...placesOfDeaf(world)]);
  const left = await leaksSince({ ...before, things });
  const blame = (rule: string, what: string): void => world.blame(rule, 'the program', what);
  if (how === 'hangs') blame('hang', `it does not end:\n${left}`);
  if (how === 'spins') blame('spin', `it does not come to rest at ${world.now} ms`);
  if (how !== 'ended') return;
  for (const audit of world.audits) audit();
  if (left !== undefined) blame('left behind', left);
  if (world.timers > 0) blame('left behind', `${world.timers} timers`);
  if (isStuck) return;
  if (count() !== counts) blame('left behind', `counters: ${counts} -> ${count()}`);
  judgeShared(world);
}

/** What the virtual clock of `skein/testing` counts to know whether anything moves. */
function count(): string {
  const { foreign, outside, turns, flows } = kernel;
  return `${foreign} foreign, ${outside} outside, ${turns} turns, ${flows.size} flows`;
}

function judgeShared(world: World): void {
  const { semaphore, limiter } = world.shared;
  const lost = SHARED - semaphore.available + limiter.active + limiter.waiting;
  if (lost !== 0) world.blame('permit', 'a shared limiter', `${lost} places are taken`);
}

function judgeHeard(world: World, ear: Ear, isStuck: boolean): void {
  const { rejections, warnings } = ear;
  for (const error of rejections) world.blame('unhandled', 'the process', String(error));
  for (const warning of warnings) {
    const expected =
      (warning instanceof StuckTasks && isStuck) ||
      (warning instanceof UnhandledErrors && world.mayWarn);
    if (!expected) world.blame('warning', 'the process', String(warning));
  }
}
