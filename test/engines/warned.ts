/**
 * What the process was warned of: instances that arrive without their class.
 *
 * @module
 */
import { sleep } from 'skein';
import { afterAll, beforeEach } from 'vitest';

interface Warned extends Error {
  readonly code?: string;
}

const warnings: Warned[] = [];
const hear = (warning: Warned): void => {
  if (warning.code === 'SKEIN_INSTANCE') warnings.push(warning);
};
process.on('warning', hear);
afterAll(() => process.off('warning', hear));

/** What was said since the last time. A warning is emitted a turn later. */
export async function said(): Promise<string[]> {
  await sleep(20);
  return warnings.splice(0).map(({ message }) => message);
}

beforeEach(async () => {
  await said();
});

/** A class that no test has used before. */
export function newClass(): new (x?: number) => { x: number; s(): number } {
  return class Point {
    x: number;

    constructor(x = 1) {
      this.x = x;
    }

    s(): number {
      return this.x;
    }
  };
}
