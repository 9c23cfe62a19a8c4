/**
 * One measurement: one contender, once, in a fresh process.
 *
 * @module
 */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Case, Contender, Sample } from './case.ts';

const CHILD_TIMEOUT = 120_000;
/** For pools of others, some of which lose a result now and then and would wait for ever. */
const POOL_TIMEOUT = 40_000;
const POOL_TRIES = 2;
const run = promisify(execFile);

/** Which contender, and where the bench is that it belongs to. */
export interface Asked {
  /** The folder of the bench, this one or that of another commit. */
  readonly bench: URL;
  readonly area: string;
  /** Of the case, in its area. */
  readonly position: number;
  readonly asked: Case;
  readonly contender: Contender;
  readonly smoke?: boolean;
  /** Ends the process. */
  readonly signal?: AbortSignal;
}

/** Some peers do not always end. That is told with their figures, and must not end the whole run; ours has one try. */
export async function sampleOf(
  what: Asked,
): Promise<{ readonly sample?: Sample; readonly failures: number }> {
  const { asked, contender, signal } = what;
  const isPool = contender.role !== 'ours' && (asked.byWall === true || asked.measure === 'delay');
  const timeout = isPool ? POOL_TIMEOUT : CHILD_TIMEOUT;
  const tries = isPool ? POOL_TRIES : 1;
  for (let failures = 0; ; failures++) {
    try {
      const options = { timeout, ...(signal && { signal }) };
      const { stdout } = await run(process.execPath, argumentsOf(what), options);
      return { sample: JSON.parse(stdout) as Sample, failures };
    } catch (error) {
      if (tries === 1 || signal?.aborted) throw error;
      if (failures + 1 === tries) return { failures: tries };
    }
  }
}

function argumentsOf({ bench, area, position, asked, contender, smoke }: Asked): string[] {
  const flags = asked.measure === 'retention' || asked.collect ? ['--expose-gc'] : [];
  const child = fileURLToPath(new URL('child.ts', bench));
  return [...flags, child, area, String(position), contender.name, smoke ? 'smoke' : 'full'];
}
