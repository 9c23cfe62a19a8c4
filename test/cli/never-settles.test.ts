import { describe, expect, it } from 'vitest';
import { skein, start } from './command.ts';

const failed = {
  status: 'failed',
  error: {
    code: 'ERR_NEVER_SETTLED',
    message: 'Cannot finish the call: it waits for what nothing in the process can bring',
  },
};

// In Bun 1.4 and Deno 2.9 a signal handler keeps the process alive, so it never finds out that nothing is left.
describe.skipIf('Bun' in globalThis || 'Deno' in globalThis)(
  'skein map, with a function that',
  () => {
    it.each([{ flags: [] }, { flags: ['-c', '1'] }, { flags: ['-c', '1', '--retry', '2'] }])(
      'never settles, gives each input its record, says so in a line, and exits with 70: $flags',
      async ({ flags }) => {
        const { code, records, stderr } = await skein(
          '1\n2\n3\n',
          'map',
          'functions.ts#never',
          ...flags,
        );

        expect(records).toMatchObject(['1', '2', '3'].map((input) => ({ ...failed, input })));
        expect(stderr).toBe(
          'skein: Could not finish 3 calls of the function: it waits for what nothing in the process can bring\n',
        );
        expect(code).toBe(70);
      },
    );

    it('settles for some inputs only, goes on after the others', async () => {
      const { code, records } = await skein('1\n2\n3\n4\n', 'map', 'functions.ts#odd', '-c', '1');

      expect(records).toMatchObject([
        { status: 'done', value: '1' },
        failed,
        { status: 'done', value: '3' },
        failed,
      ]);
      expect(code).toBe(70);
    });

    it('waits for another call, waits for it', async () => {
      const { code, records } = await skein('1\n2\n', 'map', 'functions.ts#pair');

      expect(records.map(({ status }) => status)).toEqual(['done', 'done']);
      expect(code).toBe(0);
    });

    it('never settles, waits while there may be further input', async () => {
      const running = start('map', 'functions.ts#pair');
      running.write('1\n');
      await new Promise((resolve) => setTimeout(resolve, 500));
      running.write('2\n');
      running.end();

      expect((await running.finished).code).toBe(0);
    });

    it('never settles, makes room for the rest of a long input', async () => {
      const lines = Array.from({ length: 5000 }, (_, i) => String(i));

      const { code, records } = await skein(lines.join('\n'), 'map', 'functions.ts#never');

      expect(records.map(({ input }) => input)).toEqual(lines);
      expect(code).toBe(70);
    });

    it('never settles, ends with the first signal though its input is open', async () => {
      const running = start('map', 'functions.ts#never');
      running.write('1\n');
      await new Promise((resolve) => setTimeout(resolve, 500));

      running.signal('SIGTERM');
      const { code, records } = await running.finished;

      expect(records).toMatchObject([failed]);
      expect(code).toBe(143);
    });

    it('never settles, is timed out where it has a time', async () => {
      const { code, records } = await skein(
        '1\n',
        'map',
        'functions.ts#never',
        '--timeout',
        '50ms',
      );

      expect(records).toMatchObject([{ status: 'failed', error: { code: 'ERR_TIMED_OUT' } }]);
      expect(code).toBe(1);
    });

    it('is in a module that never loads, says so and exits with 70', async () => {
      const { code, stdout, stderr } = await skein('1\n', 'map', 'never-loads.js');

      expect(stderr).toBe(
        'skein: Cannot load never-loads.js: it waits for what nothing in the process can bring\n',
      );
      expect([code, stdout]).toEqual([70, '']);
    });
  },
);
