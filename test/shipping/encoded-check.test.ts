/**
 * Which plain data is an encoded error.
 *
 * @module
 */
import { expect, it } from 'vitest';
import { isEncodedThrown } from '../../src/shipping/encoded-check.ts';
import { encodeThrown } from '../../src/shipping/error-codec.ts';

const circular = new Error('circular');
circular.cause = circular;

it.each([
  undefined,
  7,
  { code: 'E_NO' },
  new Error('plain'),
  circular,
  new AggregateError([new TypeError('a', { cause: [new Error('b')] })], 'many'),
  new DOMException('dom', 'AbortError'),
  Object.assign(new RangeError('fields'), {
    fields: { deep: [new Error('in a list')] },
    no: () => 1,
  }),
  Object.assign(new Error('code'), { code: 7 }),
])('takes what was thrown: %s', (thrown) => {
  expect(isEncodedThrown(structuredClone(encodeThrown(thrown)))).toBe(true);
});

const list: unknown[] = [];
list.push({ kind: 'list', items: list }, { kind: 'list', items: list });
let nested: object = { kind: 'value', value: 1 };
for (let i = 0; i < 40; i++) nested = { kind: 'list', items: [nested] };
const error = encodeThrown(new Error('x')).errors[0];
const thrown = { kind: 'value', value: 1 };

it.each([
  ['nothing', null],
  ['a text', 'x'],
  ['no errors', { thrown }],
  ['four thousand million holes', { thrown, errors: new Array(2 ** 32 - 1) }],
  ['an error that is not there', { thrown: { kind: 'error', at: 1 }, errors: [error] }],
  ['half an error', { thrown: { kind: 'error', at: 0.5 }, errors: [error] }],
  ['an error without a message', { thrown, errors: [{ ...error, message: 1 }] }],
  ['a name that is none', { thrown, errors: [{ ...error, name: {} }] }],
  ['a code that is none', { thrown, errors: [{ ...error, code: [] }] }],
  ['classes with holes', { thrown, errors: [{ ...error, classes: new Array(3) }] }],
  ['fields that are no pairs', { thrown, errors: [{ ...error, fields: [1] }] }],
  ['a field without a value', { thrown, errors: [{ ...error, fields: [['a']] }] }],
  ['the same part twice', { thrown, errors: [error, error] }],
  ['a list in itself, twice', { thrown: { kind: 'list', items: list }, errors: [] }],
  ['what is nested more than an encoder nests', { thrown: nested, errors: [] }],
  ['an unknown kind', { thrown: { kind: 'getter' }, errors: [] }],
])('refuses %s', (_, value) => {
  expect(isEncodedThrown(value)).toBe(false);
});
