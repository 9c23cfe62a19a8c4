/**
 * Small random programs for the test of the reduction: tasks that use a few shared things in random order. What they end in is the
 * marks on the things, and what each task has seen.
 *
 * @module
 */
import { moveOnAfter, scope, sleep, type Task } from 'skein';
import { Random } from '../../src/testing/explore/prng.ts';
import { Cell, chooseOne, passOn, TestEvent, TestLock } from './explored-primitives.ts';

type Operation = (world: World, me: number) => Promise<void> | void;

interface World {
  readonly cells: readonly Cell[];
  readonly locks: readonly TestLock[];
  readonly event: TestEvent;
  readonly tasks: Task<void>[];
  readonly seen: string[][];
}

function operation(random: Random, tasks: number): Operation {
  const which = random.below(2);
  const other = random.below(tasks);
  const use: Operation = ({ cells }, me) => cells[which]?.use(`${me}`);
  const all: Operation[] = [
    use,
    use,
    use,
    async ({ locks, cells, seen }, me) => {
      await locks[which]?.acquire();
      try {
        seen[me]?.push(`${cells[which]?.marks.length}`);
        await cells[which]?.use(`${me}`);
      } finally {
        locks[which]?.release();
      }
    },
    ({ event }) => event.set(),
    ({ event, seen }, me) => {
      if (event.isSet) seen[me]?.push('set');
      return moveOnAfter(100, () => event.fired());
    },
    async ({ cells }, me) => {
      await cells[chooseOne(2)]?.use(`chosen by ${me}`);
    },
    ({ tasks, seen }, me) => {
      seen[me]?.push(`${tasks[other]?.status}`);
    },
    ({ tasks }, me) => {
      if (other !== me) tasks[other]?.cancel();
    },
    async ({ tasks }, me) => {
      // Only of earlier ones, or they would wait for each other.
      if (other < me) await tasks[other]?.settled();
    },
    async ({ cells }, me) => {
      await Promise.all(cells.map((cell) => cell.use(`both by ${me}`)));
    },
    async ({ cells }, me) => {
      await scope(async (s) => {
        s.spawn(async () => cells[0]?.use(`child of ${me}`));
        s.spawn(async () => cells[1]?.use(`child of ${me}`));
      });
    },
    () => passOn(),
    () => sleep(1),
  ];
  return all[random.below(all.length)] as Operation;
}

/** Makes a program; `ends` collects the states in which its runs end. */
export function randomProgram(seed: number, ends: Set<string>): () => Promise<void> {
  const random = new Random(seed, 0);
  const count = 2 + random.below(2);
  const programs = Array.from({ length: count }, () =>
    Array.from({ length: 1 + random.below(count === 2 ? 3 : 2) }, () => operation(random, count)),
  );
  return async () => {
    const world: World = {
      cells: [new Cell(), new Cell()],
      locks: [new TestLock(), new TestLock()],
      event: new TestEvent(),
      tasks: [],
      seen: programs.map(() => []),
    };
    await scope(async (s) => {
      for (const [me, operations] of programs.entries()) {
        const body = async (): Promise<void> => {
          for (const each of operations) await each(world, me);
        };
        world.tasks.push(s.spawn(body, `task ${me}`));
      }
    });
    const { cells, tasks, seen } = world;
    const marks = cells.map((cell) => cell.marks.join());
    ends.add(JSON.stringify([marks, seen, tasks.map(({ status }) => status)]));
  };
}
