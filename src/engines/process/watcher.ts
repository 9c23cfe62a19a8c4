/**
 * The second thread of a child: it listens to the parent while bodies keep the event loop of the first. It takes calls back that have
 * not started, passes on that a body should stop, and sees to it that the child does not outlive its parent.
 *
 * @module
 */
import { bare } from '../../core/own-options.ts';
import { hostModule } from '../../runtime/runtime.ts';
import type { EncodedThrown } from '../../shipping/error-codec.ts';
import type { Claims } from './claims.ts';

type Threads = typeof import('node:worker_threads');

/**
 * What the thread runs, on a socket whose other end only the parent has. It is text so that it needs no file, and costs as little as a
 * thread can. A line is a message, in base64.
 */
const SCRIPT = `
const { workerData: { fd, words, port } } = process.getBuiltinModule('node:worker_threads');
const { connect, Socket } = process.getBuiltinModule('node:net');
const v8 = process.getBuiltinModule('node:v8');
const take = (seq) => {
  const at = seq & (words.length - 1);
  for (;;) {
    const last = Atomics.load(words, at);
    if (last > seq) return false;
    if (Atomics.compareExchange(words, at, last, seq + 1) === last) return true;
  }
};
const die = () => process.kill(process.pid, 'SIGKILL');
// A socket of Bun 1.4 takes a descriptor only this way, which Node does not have.
const socket = 'Bun' in globalThis ? connect({ fd }) : new Socket({ fd, readable: true, writable: true });
const answer = (message) => socket.write(v8.serialize(message).toString('base64') + '\\n');
let rest = '';
socket.setEncoding('latin1').on('error', die).on('close', die).on('data', (chunk) => {
  const lines = (rest + chunk).split('\\n');
  rest = lines.pop();
  for (const line of lines) {
    const [wanted, recall, stopped, reason] = v8.deserialize(Buffer.from(line, 'base64'));
    if (wanted !== undefined) answer([wanted.filter(take), recall]);
    else if (take(stopped)) answer([[stopped], recall]);
    else port.postMessage([stopped, reason]);
  }
});
answer([[], 0]);
`;

/** Starts it. It keeps no process alive. Gives how to read what it has heard of bodies that should stop. */
export function startWatcher(
  claims: Claims,
  fd: number,
): (stop: (seq: number, reason: EncodedThrown) => void) => void {
  const threads = hostModule<Threads>('node:worker_threads');
  if (threads === undefined) return () => undefined;
  const { port1, port2 } = new threads.MessageChannel();
  const watcher = new threads.Worker(
    SCRIPT,
    bare({
      eval: true,
      workerData: { fd, words: claims.words, port: port2 },
      transferList: [port2],
      execArgv: [],
      resourceLimits: bare({ maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 1 }),
    }),
  );
  // Without it the child is as good as any other, but for what only the watcher can do.
  watcher.on('error', () => undefined);
  watcher.unref();
  return (stop) => {
    for (;;) {
      const heard = threads.receiveMessageOnPort(port1);
      if (heard === undefined) return;
      const [seq, reason] = heard.message as [number, EncodedThrown];
      stop(seq, reason);
    }
  };
}
