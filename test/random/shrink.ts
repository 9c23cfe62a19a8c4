/**
 * Makes a failing program smaller, as long as it fails in the same way: takes parts away, puts a part in the place of the whole, leaves out
 * options, makes numbers smaller.
 *
 * @module
 */
import type { Program, Work } from './model.ts';
import { isSound } from './sound.ts';

/** By then, in real milliseconds, it is small enough. */
const LONGEST_MS = 8000;

/** Gives the smallest program found for which `fails` still holds. */
export async function shrink(
  program: Program,
  fails: (program: Program) => Promise<boolean>,
): Promise<Program> {
  const since = performance.now();
  let smallest = program;
  for (let found = true; found; ) {
    found = false;
    for (const candidate of candidates(smallest)) {
      if (performance.now() - since > LONGEST_MS) return smallest;
      if (!(await fails(candidate))) continue;
      smallest = candidate;
      found = true;
      break;
    }
  }
  return smallest;
}

function* candidates(program: Program): Generator<Program> {
  for (const work of smaller(program.work)) {
    if (isSound(work as Work)) yield { ...program, work: work as Work };
  }
  if (program.outsideFirst) yield { ...program, outsideFirst: false };
}

/** Whatever is one step smaller. The big steps first. */
function* smaller(node: unknown): Generator<unknown> {
  if (typeof node === 'number') yield* smallerNumbers(node);
  if (Array.isArray(node)) yield* smallerLists(node);
  else if (typeof node === 'object' && node !== null) yield* smallerNodes(node as Tree);
}

type Tree = { readonly [key: string]: unknown };

function* smallerNodes(node: Tree): Generator<unknown> {
  if (isWork(node)) {
    yield* worksBelow(node);
    if (node.kind !== 'leaf') yield { kind: 'leaf', how: 'sleep', takes: 0 };
  }
  for (const [key, value] of Object.entries(node)) {
    if (value === undefined) continue;
    if (OPTIONAL.has(key)) yield { ...node, [key]: undefined };
    if (key === 'how' && node.kind === 'leaf' && value !== 'sleep') yield { ...node, how: 'sleep' };
    if (value === 'completion' || key === 'kind') continue;
    for (const each of smaller(value)) yield { ...node, [key]: each };
  }
}

const OPTIONAL = new Set(
  'timeout signal limit goesOn abandon grace cancelAfter catches shield fails concurrency engine paced closes shares buffer order retries leaves pause clearAfter disposeAfter'.split(
    ' ',
  ),
);

function isWork(node: Tree): boolean {
  return typeof node.kind === 'string' && node.kind !== 'source';
}

function* worksBelow(node: Tree): Generator<unknown> {
  for (const value of Object.values(node)) {
    if (typeof value !== 'object' || value === null) continue;
    if (isWork(value as Tree)) yield value;
    else yield* worksBelow(value as Tree);
  }
}

function* smallerLists(list: readonly unknown[]): Generator<unknown> {
  for (let i = 0; i < list.length; i++) yield list.toSpliced(i, 1);
  for (const [i, each] of list.entries()) {
    for (const smallerOne of smaller(each)) yield list.with(i, smallerOne);
  }
}

function* smallerNumbers(number: number): Generator<number> {
  if (number <= 0) return;
  yield 0;
  if (number === Infinity) yield 50;
  else if (number > 1) {
    yield Math.floor(number / 2);
    yield number - 1;
  }
}
