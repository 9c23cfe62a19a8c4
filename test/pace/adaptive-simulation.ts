/**
 * Adaptive limits against a model of a server, on the virtual clock. The server works on so many requests at once and queues the others,
 * first come, first served: its knee is that number. Up to it latency is the time of service, and past it throughput does not grow any more.
 *
 * @module
 */
import {
  type AdaptiveLimiter,
  type AdaptiveOptions,
  adaptive,
  every,
  mapStream,
  moveOnAfter,
  Semaphore,
  scope,
  sleep,
} from 'skein';
import { virtual } from 'skein/testing';

/** Milliseconds that one request takes in the server. */
export type Service = () => number;

/** Always the same. */
export const steady: Service = () => 100;

/** Uniform between 50 and 150 ms, the same for the same seed. */
export function varied(seed: number): Service {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return 50 + Math.round((state / 2 ** 32) * 100);
  };
}

/** What is simulated. */
export interface Simulation {
  /** Requests that the server works on at once. */
  readonly servers: number;
  /** Default `steady`. */
  readonly service?: Service;
  /** The longest queue; who comes later is refused, with status 503. Default: any length. */
  readonly queue?: number;
  /** Clients that always have something to do, and the second at which each starts. */
  readonly clients: readonly (AdaptiveOptions & { readonly from?: number })[];
  /** Changes of the number of servers, by second. */
  readonly steps?: Readonly<Record<number, number>>;
  readonly seconds: number;
  /** Called once every tenth of a second. */
  readonly onMoment?: (moment: Moment) => void;
}

/** The state once every tenth of a second. */
export interface Moment {
  readonly seconds: number;
  readonly servers: number;
  /** The limit of each client; 0 before its start. */
  readonly limits: readonly number[];
  /** Requests that each client has had answered so far. */
  readonly served: readonly number[];
}

/** Runs a simulation. */
export function simulate(simulation: Simulation): Promise<readonly Moment[]> {
  const { clients, steps = {}, seconds, onMoment } = simulation;
  return virtual(async (clock) => {
    const server = new Server(simulation);
    const limiters: (AdaptiveLimiter | undefined)[] = clients.map(() => undefined);
    const served = clients.map(() => 0);
    const moments: Moment[] = [];
    await moveOnAfter(seconds * 1000 + 1, () =>
      scope(async (s) => {
        clients.forEach(({ from = 0, ...options }, index) => {
          s.spawn(async () => {
            await sleep(from * 1000);
            const limiter = adaptive(options);
            limiters[index] = limiter;
            const flow = mapStream(forEver(), () => server.serve(), { concurrency: limiter });
            for await (const outcome of flow.settled()) {
              if (outcome.status === 'done') served[index] = (served[index] as number) + 1;
            }
          });
        });
        for (const [second, servers] of Object.entries(steps)) {
          s.spawn(() => sleep(Number(second) * 1000).then(() => server.resize(servers)));
        }
        for await (const _ of every(100)) {
          const moment = {
            seconds: clock.now() / 1000,
            servers: server.servers,
            limits: limiters.map((limiter) => limiter?.stats().limit ?? 0),
            served: [...served],
          };
          moments.push(moment);
          onMoment?.(moment);
        }
      }),
    );
    return moments;
  });
}

/** The mean of what `value` gives for the moments from one second to another. */
export function mean(
  moments: readonly Moment[],
  from: number,
  to: number,
  value: (moment: Moment) => number,
): number {
  const span = moments.filter(({ seconds }) => seconds >= from && seconds < to);
  return span.reduce((sum, moment) => sum + value(moment), 0) / span.length;
}

/** Requests a second that a client has had answered from one second to another. */
export function throughput(
  moments: readonly Moment[],
  from: number,
  to: number,
  client = 0,
): number {
  const at = (second: number): number => moments[Math.round(second * 10)]?.served[client] ?? 0;
  return (at(to) - at(from)) / (to - from);
}

/** Says that the queue of the server is full. */
class Refused extends Error {
  readonly status = 503;
}

class Server {
  servers: number;
  readonly #places: Semaphore;
  readonly #service: Service;
  readonly #queue: number;

  constructor({ servers, service = steady, queue = Number.POSITIVE_INFINITY }: Simulation) {
    this.servers = servers;
    this.#places = new Semaphore(servers);
    this.#service = service;
    this.#queue = queue;
  }

  async serve(): Promise<void> {
    if (this.#places.available <= 0 && this.#places.stats().waiting >= this.#queue) {
      await sleep(5);
      throw new Refused('The queue is full');
    }
    const place = await this.#places.acquire();
    try {
      await sleep(this.#service());
    } finally {
      place.release();
    }
  }

  resize(servers: number): void {
    this.servers = servers;
    this.#places.resize(servers);
  }
}

function* forEver(): Generator<number> {
  for (let n = 0; ; n++) yield n;
}
