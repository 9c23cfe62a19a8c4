/**
 * A program as text that people can read.
 *
 * @module
 */
import { inspect } from 'node:util';
import type { Program } from './model.ts';

/** A tree, with what is simple on the line of its node and what is not below it. */
export function print({ work, outsideFirst }: Program): string {
  return [
    ...lines(work),
    ...(outsideFirst ? ['(of what is due at one instant the outside goes first)'] : []),
  ].join('\n');
}

function lines(node: object, indent = ''): string[] {
  const simple: string[] = [];
  const below: string[] = [];
  for (const [key, value] of Object.entries(node)) {
    if (value === undefined) continue;
    if (!isTree(value)) simple.push(shown(key, value));
    else if (!Array.isArray(value)) below.push(...titled(key, value, indent));
    else
      for (const [i, each] of value.entries()) below.push(...titled(`${key} ${i}`, each, indent));
  }
  return [`${indent}${simple.join(', ')}`, ...below];
}

function titled(title: string, node: object, indent: string): string[] {
  const [first = '', ...rest] = lines(node, `${indent}  `);
  return [`${indent}  ${title}: ${first.trimStart()}`, ...rest];
}

function isTree(value: unknown): value is object {
  return (
    typeof value === 'object' &&
    value !== null &&
    (Array.isArray(value)
      ? value.length > 0
      : Object.values(value).some((each) => typeof each === 'object') || 'kind' in value)
  );
}

function shown(key: string, value: unknown): string {
  if (key === 'kind') return String(value);
  if (value === true) return key;
  return `${key} ${typeof value === 'object' ? inspect(value, { breakLength: Infinity }) : value}`;
}
