/**
 * Silent sources that are something of the system: sockets, pipes, files, messages.
 *
 * @module
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import type { SilentKind } from '../contract/silent-kind.ts';

const textOf = (items: readonly unknown[]): string => items.map((item) => `${item}\n`).join('');

/** Listens where there is room; gives the port. */
async function listening(server: net.Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** A connection to a server that says what it is told to and no more. */
async function connected(items: readonly unknown[]): Promise<{ socket: net.Socket; end(): void }> {
  const server = net.createServer((peer) => {
    peer.on('error', () => undefined);
    if (items.length > 0) peer.write(textOf(items));
  });
  const socket = net.connect(await listening(server), '127.0.0.1');
  await once(socket, 'connect');
  const end = (): void => {
    server.close();
    socket.destroy();
  };
  return { socket, end };
}

/** A server of HTTP that answers with what it is told to, and does not end the answer. */
async function answering(
  items: readonly unknown[],
): Promise<{ server: http.Server; port: number }> {
  const server = http.createServer((_, response) => {
    response.writeHead(200);
    response.flushHeaders();
    if (items.length > 0) response.write(textOf(items));
  });
  return { server, port: await listening(server) };
}

function child(items: readonly unknown[]): ChildProcess {
  const script = `process.stdout.write(${JSON.stringify(textOf(items))}); setInterval(() => 0, 1e6)`;
  return spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'ignore'] });
}

/** All of them. */
export const LIVE: readonly SilentKind[] = [
  {
    name: 'a socket',
    gives: 'texts',
    async make(items) {
      const { socket, end } = await connected(items);
      return { source: socket, closed: () => socket.destroyed && socket.closed, end };
    },
  },
  {
    name: 'lines of a socket',
    gives: 'texts',
    async make(items) {
      const { socket, end } = await connected(items);
      const lines = createInterface({ input: socket });
      // It can still be answered.
      const closed = (): boolean => socket.listenerCount('data') === 0 && socket.writable;
      return { source: lines, closed, end };
    },
  },
  {
    name: 'the output of a child',
    gives: 'texts',
    async make(items) {
      const process = child(items);
      await once(process, 'spawn');
      const source = process.stdout as net.Socket;
      return { source, closed: () => source.destroyed, end: () => process.kill('SIGKILL') };
    },
  },
  {
    name: 'lines of a child',
    gives: 'texts',
    async make(items) {
      const process = child(items);
      await once(process, 'spawn');
      const input = process.stdout as net.Socket;
      return {
        source: createInterface({ input }),
        closed: () => input.destroyed,
        end: () => process.kill('SIGKILL'),
      };
    },
  },
  {
    name: 'an answer of HTTP',
    gives: 'texts',
    async make(items) {
      const { server, port } = await answering(items);
      const request = http.get({ port });
      const [answer] = (await once(request, 'response')) as [http.IncomingMessage];
      return {
        source: answer,
        closed: () => answer.destroyed && answer.socket.destroyed,
        end: () => {
          server.close();
          server.closeAllConnections();
        },
      };
    },
  },
  {
    name: 'a request of HTTP, which can still be answered',
    gives: 'texts',
    async make(items) {
      const server = http.createServer();
      const port = await listening(server);
      const request = http.request({ port, method: 'POST' });
      request.on('error', () => undefined);
      request.write(textOf(items) || '\n');
      const [source, response] = (await once(server, 'request')) as [
        http.IncomingMessage,
        http.ServerResponse,
      ];
      return {
        source,
        closed: () => source.destroyed && response.writable && response.socket?.destroyed === false,
        end: () => {
          response.end();
          request.destroy();
          server.close();
          server.closeAllConnections();
        },
      };
    },
  },
  {
    name: 'the body of fetch',
    gives: 'texts',
    async make(items) {
      const { server, port } = await answering(items);
      const { body } = await fetch(`http://127.0.0.1:${port}`);
      const source = body as ReadableStream<Uint8Array>;
      const closed = (): boolean => !source.locked;
      return {
        source,
        closed,
        end: () => {
          server.close();
          server.closeAllConnections();
        },
      };
    },
  },
];
