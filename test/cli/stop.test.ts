import { describe, expect, it } from 'vitest';
import { skein, start } from './command.ts';

describe('signals', () => {
  it.each([
    { signal: 'SIGHUP', exit: 129 },
    { signal: 'SIGINT', exit: 130 },
    { signal: 'SIGTERM', exit: 143 },
  ] as const)(
    'the first $signal finishes what has started and exits with $exit',
    async ({ signal, exit }) => {
      const running = start('map', 'functions.ts#slow', '-c', '1');
      running.write('1\n');
      running.write('300\n300\n300\n300\n300\n300\n');
      await running.recorded(1);

      running.signal(signal);
      const { code, records, stderr } = await running.finished;

      expect(code).toBe(exit);
      expect(stderr).toContain('finishing what has started');
      expect(records.length).toBeLessThan(7);
      expect(records.every(({ status }) => status === 'done')).toBe(true);
    },
  );

  it('the second stops it, and every line that was read has its record', async () => {
    const running = start('map', 'functions.ts#obedient', '-c', '2');
    running.write('a\nb\nc\n');
    await running.said('started b');

    running.signal('SIGTERM');
    await running.said('finishing');
    running.signal('SIGTERM');
    const { code, records } = await running.finished;

    expect(code).toBe(143);
    expect(records).toMatchObject([
      { input: 'a', status: 'cancelled' },
      { input: 'b', status: 'cancelled' },
    ]);
  });

  it('what ignores the second is named after its grace, has its record, and holds up nothing', async () => {
    const running = start('map', 'functions.ts#deaf', '-c', '2');
    running.write('a\nb\nc\n');
    await running.said('started b');

    running.signal('SIGINT');
    await running.said('finishing');
    running.signal('SIGHUP');
    const { code, records, stderr } = await running.finished;

    expect(code).toBe(129);
    expect(records).toMatchObject([
      { input: 'a', status: 'cancelled' },
      { input: 'b', status: 'cancelled' },
    ]);
    expect(stderr).toMatch(/^skein: Left work behind 5000 ms .*map\[0\].*map\[1\].*\n$/m);
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  it('the third ends it at once', async () => {
    const running = start('map', 'functions.ts#deaf', '-c', '2');
    running.write('a\nb\nc\n');
    await running.said('started b');

    running.signal('SIGINT');
    await running.said('finishing');
    running.signal('SIGINT');
    await running.said('told b');
    const before = performance.now();
    running.signal('SIGTERM');
    const { code, stderr } = await running.finished;

    expect([code, stderr.includes('ended the process')]).toEqual([143, false]);
    expect(performance.now() - before).toBeLessThan(4000);
  });

  it('an error that nobody caught stops it with 1, in one line', async () => {
    const { code, stderr, records } = await skein('a\n', 'map', 'functions.ts#stray');

    expect(stderr).toContain('an error that nobody caught: nobody catches this');
    expect(stderr).not.toMatch(/^\s+at /m);
    expect([code, records.length]).toEqual([1, 1]);
  });
});
