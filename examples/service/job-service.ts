/**
 * A service as one writes it: an HTTP server that takes jobs into a queue, and workers that do them. When it is to end it stops accepting,
 * lets what it has been given drain for a while, and then cancels the rest; its caller waits until that is over.
 *
 * Nothing here knows of signals: `main.ts` says when it ends.
 *
 * @module
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Context, type Duration, moveOnAfter, openScope, Queue, shield } from 'skein';

/** Does one job; `signal` aborts when the time for draining is over. */
export type Perform = (job: string, context: Context) => Promise<void>;

/** How it runs. */
export interface JobServiceOptions {
  readonly perform: Perform;
  /** Jobs at once. */
  readonly workers: number;
  /** Time that accepted jobs get when the service ends. */
  readonly drain: Duration;
}

/** Takes jobs by `POST`, one a request. */
export class JobService implements AsyncDisposable {
  // Of its own, so that the end of whoever owns the service does not stop jobs before they could drain.
  readonly #scope = openScope({ name: 'jobs', shield: true });
  readonly #jobs = new Queue<string>({ max: 1000 });
  readonly #server: Server;
  readonly #drain: Duration;

  constructor({ perform, workers, drain }: JobServiceOptions) {
    this.#drain = drain;
    this.#server = createServer((request, response) => void this.#accept(request, response));
    for (let i = 0; i < workers; i++) {
      this.#scope.spawn(async (context) => {
        for await (const job of this.#jobs) await perform(job, context);
      }, `worker ${i}`);
    }
  }

  async #accept(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let job = '';
    for await (const part of request) job += part;
    response.statusCode = this.#jobs.tryPut(job) ? 202 : 503;
    response.end();
  }

  /** Starts listening; gives its address. */
  async listen(port = 0): Promise<string> {
    await once(this.#server.listen(port, '127.0.0.1'), 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Waits until no worker is left: one has failed, which disposal then throws, or the service was disposed of. */
  stopped(): Promise<void> {
    return this.#scope.idle();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    this.#server.closeIdleConnections();
    this.#jobs.close();
    await shield(() => moveOnAfter(this.#drain, () => this.#scope.idle()));
    await this.#scope[Symbol.asyncDispose]();
  }
}
