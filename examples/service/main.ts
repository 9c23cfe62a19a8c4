/**
 * Runs the service until SIGTERM, SIGINT or SIGHUP: it stops accepting, drains for two seconds, cancels the rest, and the process exits
 * with 128 + the number of the signal. What is not over when the grace ends is named on stderr.
 *
 * Run it with `node --conditions=@skein/source examples/service/main.ts`, post a few jobs, and press Ctrl-C.
 *
 * @module
 */
import { run, sleep } from 'skein';
import { JobService } from './job-service.ts';

await run(
  async (s) => {
    const service = s.use(
      new JobService({
        workers: 2,
        drain: '2s',
        async perform(job) {
          try {
            await sleep(Number(job));
            console.log(`done ${job}`);
          } catch (error) {
            console.log(`stopped ${job}`);
            throw error;
          }
        },
      }),
    );
    console.log(`listening on ${await service.listen()}`);
    await service.stopped();
  },
  { grace: '5s' },
);
