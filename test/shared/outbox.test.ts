/**
 * What the ends of a line post, and when.
 *
 * @module
 */
import { expect, it } from 'vitest';
import { HostLines } from '../../src/engines/pool/host-line.ts';
import { Outbox } from '../../src/engines/pool/outbox.ts';

/** What was posted, cloned as a port would: one entry for each post. */
function posts(atOnce: number): { outbox: Outbox; posted: unknown[] } {
  const posted: unknown[] = [];
  const outbox = new Outbox((messages) => void posted.push(structuredClone(messages)), atOnce);
  return { outbox, posted };
}

it('messages of one turn travel together', async () => {
  const { outbox, posted } = posts(0);
  outbox.send([1], undefined);
  outbox.send([2, 'put', ['a', 3n, null, undefined]], undefined);
  expect(posted).toEqual([]);
  await Promise.resolve();
  outbox.send([3], undefined);
  await Promise.resolve();
  expect(posted).toEqual([[[1], [2, 'put', ['a', 3n, null, undefined]]], [[3]]]);
});

it('many do not wait for the end of the turn', () => {
  const { outbox, posted } = posts(0);
  for (let n = 0; n < 150; n++) outbox.send([n], undefined);
  outbox.flush();
  expect(posted.map((messages) => (messages as []).length)).toEqual([64, 64, 22]);
  expect((posted as number[][][]).flat(2)).toEqual(Array.from({ length: 150 }, (_, n) => n));
});

it('the first of each turn leave at once, as many as it is told', async () => {
  const { outbox, posted } = posts(2);
  for (const n of [1, 2, 3, 4]) outbox.send([n], undefined);
  expect(posted).toEqual([[[1]], [[2]]]);
  await Promise.resolve();
  outbox.send([5], undefined);
  expect(posted).toEqual([[[1]], [[2]], [[3], [4]], [[5]]]);
});

it('small plain objects are copied while they wait', async () => {
  const { outbox, posted } = posts(0);
  const [progress, pair] = [{ done: 1, of: 9 }, [1, 'a']];
  outbox.send([1, 'call', [progress, undefined, pair]], undefined);
  progress.done = 2;
  pair[0] = 2;
  expect(posted).toEqual([]);
  await Promise.resolve();
  expect(posted).toEqual([[[1, 'call', [{ done: 1, of: 9 }, undefined, [1, 'a']]]]]);
});

it.each([
  ['an object that is no argument', [9, { done: 1 }]],
  ['an object in an object', [9, [{ done: { all: 1 } }]]],
  ['a buffer', [9, [new Uint8Array(2)]]],
  ['an instance', [9, [new Date(0)]]],
  ['a list of arguments that is long', [9, new Array(65).fill(0)]],
])('%s leaves at once, behind those that wait', async (_, message) => {
  const { outbox, posted } = posts(0);
  outbox.send([1], undefined);
  outbox.send(message, undefined);
  expect(posted).toEqual([[[1]], [message]]);
  await Promise.resolve();
  expect(posted).toHaveLength(2);
});

it.each([
  ['a function', [9, [() => 1]]],
  ['a symbol', [9, Symbol('s')]],
  ['an object with a function', [9, [{ f: () => 1 }]]],
])('%s is refused at once, and those that waited are sent', async (_, message) => {
  const { outbox, posted } = posts(0);
  outbox.send([1], undefined);
  expect(() => outbox.send(message, undefined)).toThrow();
  outbox.send([2], undefined);
  await Promise.resolve();
  expect(posted).toEqual([[[1]], [[2]]]);
});

it('what is said to a call before it has begun is kept for it, and for no other', () => {
  const lines = new HostLines();
  const heard: unknown[] = [];
  lines.begin(1);
  lines.told(1, ['without a line']);
  lines.told(2, ['taken back']);
  lines.told(3, ['a', 'b']);
  lines.told(3, ['c']);
  lines.begin(3);
  const line = lines.open(() => {});
  line.receive = (message) => void heard.push(message);
  lines.begun();
  lines.told(2, ['late']);
  lines.told(3, ['d']);
  lines.close();
  lines.told(3, ['after its end']);
  expect(heard).toEqual(['a', 'b', 'c', 'd']);
});

it('numbers of calls wrap around', () => {
  const lines = new HostLines();
  const heard: unknown[] = [];
  lines.begin(2 ** 31 - 1);
  lines.told(-(2 ** 31), ['next']);
  lines.begin(-(2 ** 31));
  lines.open(() => {}).receive = (message) => void heard.push(message);
  lines.begun();
  expect(heard).toEqual(['next']);
});
