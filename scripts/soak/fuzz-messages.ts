/**
 * Messages that no child of a pool sends, made of those that one does.
 *
 * @module
 */
import { serialize } from 'node:v8';
import { END, MARK, TO_POOL } from '../../src/engines/process/protocol.ts';
import { encodeThrown } from '../../src/shipping/error-codec.ts';

/** Gives a number from 0 up to, and not including, `below`. */
export type Random = (below: number) => number;

/** Pseudo-random numbers. */
export function generator(seed: number): Random {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** A message as it travels on the channel. */
export function frame(message: unknown): Buffer {
  const bytes = serialize(message);
  const head = Buffer.alloc(4);
  head.writeUInt32BE(bytes.length);
  return Buffer.concat([head, bytes]);
}

/** A message as it travels on the life line. */
export function line(message: unknown): Buffer {
  return Buffer.from(`${serialize(message).toString('base64')}\n`);
}

/** Values that no honest message has in most of its places. */
export function odd(random: Random): unknown {
  const cycle: unknown[] = [];
  cycle.push(cycle);
  const sparse: unknown[] = [];
  sparse.length = 2 ** 32 - 1;
  const values: readonly unknown[] = [
    undefined,
    null,
    true,
    false,
    0,
    1,
    -1,
    2,
    7,
    4095,
    4096,
    1e9,
    2 ** 31,
    2 ** 32,
    2 ** 53,
    1e300,
    -1e300,
    0.5,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    10n ** 30n,
    '',
    'x',
    'skein',
    '__proto__',
    'constructor',
    [],
    {},
    [[]],
    [undefined],
    new Array(3),
    sparse,
    cycle,
    [0, 1, 2],
    ['x', 'y'],
    new Map([[1, 2]]),
    new Set([1]),
    new Date(Number.NaN),
    /x/g,
    new Error('x'),
    Buffer.from('xyz'),
    new Uint8Array(5),
    new Float64Array([Number.NaN]),
    new ArrayBuffer(3),
    serialize([1, [2]]),
    { length: 5 },
    { thrown: 1, errors: 1 },
    encodeThrown(new Error('x')),
    { thrown: { kind: 'error', at: 7 }, errors: [] },
    { ['__proto__']: { polluted: true } },
    { thrown: { kind: 'record', fields: [['x', null]] }, errors: [] },
  ];
  return values[random(values.length)];
}

/** Messages as a child sends them, of the call with this number. */
export function honest(seq: number, random: Random): unknown[] {
  const messages: readonly unknown[][] = [
    [MARK, TO_POOL.ready, true],
    [MARK, TO_POOL.outcomes, 0.01, false, END.value, seq, ['forged']],
    [MARK, TO_POOL.outcomes, 0.01, true, END.thrown, seq, [encodeThrown(new RangeError('forged'))]],
    [MARK, TO_POOL.outcomes, 0.01, false, END.sealed, seq, [serialize({ forged: true })]],
    [
      MARK,
      TO_POOL.line,
      seq,
      [
        [0, 1, 0, 'call', [1]],
        [1, 0, 'release', [1, 'ok']],
      ],
    ],
    [
      MARK,
      TO_POOL.line,
      seq,
      [
        [2, 1],
        [3, 1],
        [0, 2, 0, 'call', [2]],
      ],
    ],
    [
      MARK,
      TO_POOL.line,
      seq,
      [
        [1, 0, 'handle', [-1]],
        [0, 3, -1, 'call', []],
      ],
    ],
    [MARK, TO_POOL.line, seq, serialize([[0, 1, 0, 'call', [1]]])],
    [MARK, TO_POOL.returned, [seq], 0],
    [MARK, TO_POOL.returned, [], 1],
    [MARK, TO_POOL.uncaught, encodeThrown(new Error('forged'))],
    [MARK, TO_POOL.began, seq, seq + 1, 1],
    [MARK, TO_POOL.warned, 'key', 'text'],
    [MARK, TO_POOL.unread, seq, 1],
    [MARK, TO_POOL.missed, seq],
  ];
  return messages[random(messages.length)] as unknown[];
}

/** Changes something in a message, at any depth. */
export function mutated(message: unknown[], random: Random): unknown[] {
  const copy = [...message];
  for (let changes = 1 + random(2); changes > 0; changes--) {
    const at = 1 + random(copy.length);
    const part = copy[at];
    if (Array.isArray(part) && part.length > 0 && part.length < 100 && random(2) === 0)
      copy[at] = mutated(['', ...part], random).slice(1);
    else if (random(5) === 0) copy.splice(at, 1);
    else if (random(4) === 0) copy.splice(at, 0, odd(random));
    else copy[at] = odd(random);
  }
  return copy;
}

/** Changes bytes; what is told of the length may stay right. */
export function corrupted(bytes: Buffer, random: Random): Buffer {
  const copy = Buffer.from(bytes);
  switch (random(4)) {
    case 0:
      return copy.subarray(0, random(copy.length));
    case 1:
      for (let i = 1 + random(4); i > 0; i--) copy[random(copy.length)] = random(256);
      return copy;
    case 2:
      for (let i = 1 + random(4); i > 0; i--)
        copy[Math.min(copy.length - 1, 4 + random(copy.length))] = random(256);
      return copy;
    default: {
      const noise = Buffer.alloc(1 + random(64));
      for (let i = 0; i < noise.length; i++) noise[i] = random(256);
      return noise;
    }
  }
}
