/**
 * The pump, after a first run: its token and contexts are kept, so that V8 does not forget their shapes (decision 14).
 *
 * @module
 */
import type { Context } from '../core/context.ts';
import { rootToken } from '../core/token.ts';
import { keepShape } from '../runtime/keep-shape.ts';
import { planFlow } from './options.ts';
import { Pump } from './pump.ts';

/** Runs a flow over a few items as users' flows do, to keep it with its token and its contexts. */
function warmUp(): Pump<undefined, undefined> {
  const sink = { value() {}, error() {}, end() {}, waiting: 0, takesErrors: false };
  const plan = planFlow({ concurrency: 1 }, 'warm-up');
  const keepContext = async (item: undefined, context: Context): Promise<undefined> => {
    keepShape(context);
    return item;
  };
  const work = { source: [undefined, undefined, undefined], body: keepContext };
  const unbounded = Number.POSITIVE_INFINITY;
  const pump = new Pump<undefined, undefined>(plan, work, sink, unbounded, rootToken);
  pump.start();
  return pump;
}

keepShape(warmUp());

export { Pump };
