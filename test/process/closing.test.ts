/**
 * Flows and copies over sources of the system, in real time.
 *
 * @module
 */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { loop, map, mapStream, moveOnAfter, sleep } from 'skein';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { closingCopiesContract } from '../contract/closing-copies.ts';
import { closingContract } from '../contract/closing-flows.ts';
import { caught } from '../contract/closing-readers.ts';
import { LIVE } from './live-sources.ts';

const row = {
  inTime: (body: () => Promise<void>) => body(),
  isExact: false,
  kinds: LIVE,
  readers: ['map', 'mapStream'],
  settle: () => sleep(50),
};

describe('closing a silent source of the system', () => {
  closingContract(row);

  describe('copies on the loop', () => {
    closingCopiesContract({ ...row, engine: loop });
  });
});

describe('closing a file', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'skein-closing-'));
    await writeFile(join(folder, 'lines'), 'line\n'.repeat(100_000));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const takeOne = async (source: AsyncIterable<string>): Promise<string> => {
    for await (const line of mapStream(source, (each) => each)) return line;
    return 'none';
  };

  it('lines of a file that are left close it', async () => {
    const file = await open(join(folder, 'lines'));

    expect(await takeOne(file.readLines())).toBe('line');

    await vi.waitFor(() => expect(file.fd).toBe(-1));
  });

  it('lines of a stream of a file that are left close it', async () => {
    const input = createReadStream(join(folder, 'lines'));

    expect(await takeOne(createInterface({ input }))).toBe('line');

    await vi.waitFor(() => expect(input.closed).toBe(true));
  });

  it('lines of a stream that is unpacked are left with the stream', async () => {
    const input = createReadStream(join(folder, 'lines')).pipe(
      new (await import('node:stream')).PassThrough(),
    );

    expect(await takeOne(createInterface({ input }))).toBe('line');

    expect(input.destroyed).toBe(true);
  });

  it.skipIf(process.platform === 'win32')(
    'a pipe with a name, whose read the system does not give back, is reported',
    async () => {
      const path = join(folder, 'pipe');
      execFileSync('mkfifo', [path]);
      const writer = await open(path, 'r+');
      const warnings = vi.spyOn(process, 'emitWarning').mockReturnValue();
      const source = createReadStream(path);

      const left = await moveOnAfter(50, () => map(source, (each) => each, { grace: 100 }), 'left');

      expect([left, source.destroyed]).toEqual(['left', true]);
      expect(String(warnings.mock.calls[0]?.[0])).toMatch(/StuckTasks: .*the source of map/);
      warnings.mockRestore();
      await writer.write('\n');
      await vi.waitFor(() => expect(source.closed).toBe(true));
      await writer.close();
    },
  );
});

describe('a server that stops reading a request', () => {
  it('can still answer it', async () => {
    const server = http.createServer(async (request, response) => {
      const error = await caught(
        map(request, () => undefined, { signal: AbortSignal.timeout(50) }),
      );
      response.writeHead(408).end(String((error as Error).name));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const request = http.request({ port, method: 'POST' });
    request.write('the beginning');

    const [response] = (await once(request, 'response')) as [http.IncomingMessage];

    expect(response.statusCode).toBe(408);
    response.resume();
    request.destroy();
    server.close();
    server.closeAllConnections();
  });
});
