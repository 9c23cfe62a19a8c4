/**
 * Which of the names that are known somebody meant who wrote another one.
 *
 * @module
 */

/**
 * Words for the same thing: ours, then those of other libraries and languages. Of a line the first that is known is meant, so
 * `concurrency` is `workers` for `collect`, and `limit` for a scope.
 */
const SYNONYMS: readonly string[] = [
  'concurrency limit workers size maxWorkers maxConcurrency maxConcurrent parallel poolSize maxThreads',
  'timeout totalTimeout timeLimit timeoutMs timeoutMillis ms milliseconds expire',
  'totalTimeout maxRetryTime maxElapsedTime',
  'signal abortSignal cancelSignal abort',
  'grace gracePeriod killTimeout forceKillAfterDelay closeTimeout',
  'retry retries attempts maxAttempts maxRetries tries times',
  'retries attempts maxAttempts maxRetries tries times retry',
  'retryIf shouldRetry retryOn isRetryable',
  'base delay minTimeout minDelay startingDelay initialInterval',
  'max maxTimeout maxDelay maxInterval',
  'backoff factor multiplier',
  'onError stopOnError failFast continueOnError stopOnFailure',
  'failHard failFast',
  'suppressErrors suppressExceptions returnExceptions allowFailures',
  'max capacity maxSize highWaterMark limit bufferSize',
  'buffer prefetch backpressure bufferSize highWaterMark lookahead',
  'maxWaiting highWater queueSize maxQueue maxPending',
  'overflow onFull strategy',
  'pace rate rateLimit throttle',
  'rate pace rateLimit',
  'maxCalls limit intervalCap calls tokensPerInterval',
  'period interval per window duration',
  'spacing minInterval minTime interval',
  'minInterval spacing minTime interval',
  'idle idleTimeout idleTimeoutMillis ttl',
  'init workerData initData initializer',
  'maxTasks maxTasksPerWorker maxTasksPerChild',
  'memory maxMemory memoryLimit resourceLimits',
  'entry filename',
  'order ordered preserveOrder',
  'until returnWhen',
  'daemon background unref',
  'source items iterable inputs',
  'name label title',
];

/** The name that was probably meant; undefined when none is near. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  const letters = lettersOf(name);
  const same = known.find((each) => lettersOf(each) === letters);
  return same ?? synonym(letters, known) ?? cutShort(letters, known) ?? misspelt(letters, known);
}

/** Without what a name is written in: `time_out`, `timeOut` and `timeout` are one. */
function lettersOf(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '');
}

function synonym(letters: string, known: readonly string[]): string | undefined {
  for (const line of SYNONYMS) {
    const words = line.split(' ');
    if (!words.some((word) => lettersOf(word) === letters)) continue;
    const meant = words.find((word) => known.includes(word));
    if (meant !== undefined) return meant;
  }
  return undefined;
}

function cutShort(letters: string, known: readonly string[]): string | undefined {
  return letters.length < 3 ? undefined : known.find((each) => lettersOf(each).startsWith(letters));
}

/** The nearest name, if a third of the letters at the most would have to change. */
function misspelt(letters: string, known: readonly string[]): string | undefined {
  let nearest: string | undefined;
  let least = Math.max(1, Math.floor(letters.length / 3)) + 1;
  for (const each of known) {
    const distance = editsBetween(letters, lettersOf(each));
    if (distance >= least) continue;
    least = distance;
    nearest = each;
  }
  return nearest;
}

/** How many letters have to be put in, left out, changed or swapped with their neighbour (the optimal string alignment). */
function editsBetween(from: string, to: string): number {
  let before: number[] = [];
  let last: number[] = [];
  let row = Array.from({ length: to.length + 1 }, (_, at) => at);
  for (let i = 1; i <= from.length; i++) {
    [before, last, row] = [last, row, [i]];
    for (let j = 1; j <= to.length; j++) {
      const isSame = from[i - 1] === to[j - 1];
      let edits = (last[j - 1] as number) + (isSame ? 0 : 1);
      edits = Math.min(edits, (last[j] as number) + 1, (row[j - 1] as number) + 1);
      if (i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1]) {
        edits = Math.min(edits, (before[j - 2] as number) + 1);
      }
      row.push(edits);
    }
  }
  return row.at(-1) as number;
}
