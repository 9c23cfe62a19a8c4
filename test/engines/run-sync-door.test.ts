/**
 * What `runSync` gets from its worker that no worker of ours gives, or that cannot be read.
 *
 * @module
 */
import { inThread, runSync, Unclonable } from 'skein';
import { describe, expect, it } from 'vitest';
import { answersFalsely, deepField, deepResult, echo, nestedCalls } from './fixtures/door.ts';

function failure(call: () => unknown): Error {
  try {
    call();
  } catch (error) {
    return error as Error;
  }
  throw new Error('Expected a failure');
}

describe('runSync', () => {
  it.each([4000, 20_000, 100_000])('refuses a result of %i levels', (levels) => {
    const error = failure(() => runSync(deepResult, 'objects', levels));

    expect(error).toBeInstanceOf(Unclonable);
    expect(error.message).toMatch(/the result of "deepResult"/);
    expect(runSync(echo, { n: 1 })).toEqual({ n: 1 });
  });

  it.each([4000, 100_000])('gives an error that has %i levels in it', (levels) => {
    const error = failure(() => runSync(deepField, 'objects', levels));

    expect(error).toMatchObject({ name: 'TypeError', message: 'has a deep field', code: 7 });
    expect(runSync(echo, 2)).toBe(2);
  });

  it.each([
    { answer: null },
    { answer: 5 },
    { answer: [] },
    { answer: ['value'] },
    { answer: ['thrown', 1, {}] },
    { answer: ['none', 1] },
    { answer: ['value', 1, 'x', 'no warning'] },
    { answer: ['exit', 1, {}] },
  ])('ends a worker that answers $answer', ({ answer }) => {
    expect(failure(() => runSync(answersFalsely, answer))).toMatchObject({
      name: 'WorkerDied',
      message: expect.stringMatching(/no worker says/),
    });
    expect(runSync(echo, 'next')).toBe('next');
  });

  it('takes no answer to another call', () => {
    expect(runSync(echo, 'first')).toBe('first');
    expect(runSync(answersFalsely, ['value', 0, 'false'])).toEqual({ true: true });
    expect(runSync(echo, ['next'])).toEqual(['next']);
  });

  it('refuses arguments that its worker cannot read', async () => {
    expect(await inThread(nestedCalls, 9000)).toEqual(['Unclonable', 'Unclonable', 'object', 1]);
  });
});
