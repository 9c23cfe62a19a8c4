/**
 * Runs around every test: what a test leaves behind (a task, a scope, a flow, a wait, a timer) fails it.
 *
 * @module
 */
import { type Alive, alive, leaksSince } from 'skein/testing';
import { afterEach, beforeEach, expect } from 'vitest';

let before: Alive = alive();

beforeEach(() => {
  before = alive();
});

afterEach(async () => {
  const leaks = await leaksSince(before);
  expect(leaks, 'left behind by the test').toBeUndefined();
});
