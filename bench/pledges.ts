/**
 * The kinds of promises, and how each is judged on the rows of a finished case.
 *
 * @module
 */
import type { Pledge, Row } from './case.ts';

/** The row of a role, the first when there are several. */
export function rowOf(rows: readonly Row[], role: Row['role']): Row {
  const row = rows.find((candidate) => candidate.role === role);
  if (row === undefined) throw new Error(`The case has no row of role ${role}`);
  return row;
}

/** The largest figure of ours; where ours has several rows, all of them must keep the promise. */
function worst(rows: readonly Row[], measure: (own: Row) => number): number {
  return Math.max(...rows.filter((row) => row.role === 'ours').map(measure));
}

/** Promises that ours needs at most `limit` times the CPU of the floor. */
export function atMostFloorTimes(limit: number): Pledge {
  return {
    text: `<= ${limit} x floor`,
    judge(rows) {
      const ratio = worst(rows, (own) => own.ratio);
      return { kept: ratio <= limit, figure: ratio.toFixed(2) };
    },
  };
}

/** Promises that ours needs less CPU an item than every peer. */
export function aheadOfPeers(): Pledge {
  return {
    text: 'ahead of all peers',
    judge(rows) {
      const own = worst(rows, ({ cpuNs }) => cpuNs);
      const peers = rows.filter((row) => row.role === 'peer');
      const best = peers.reduce((least, row) => (row.cpuNs < least.cpuNs ? row : least));
      const times = (best.cpuNs / own).toFixed(2);
      return { kept: own < best.cpuNs, figure: `the best, ${best.name}, needs ${times} x ours` };
    },
  };
}

/** The rows whose names begin so; there must be some. */
function named(rows: readonly Row[], name: string): readonly Row[] {
  const found = rows.filter((row) => row.name.startsWith(name));
  if (found.length === 0) throw new Error(`The case has no row ${name}`);
  return found;
}

/** The wall time of the fastest row of that name. */
export function wallOf(rows: readonly Row[], name: string): number {
  return Math.min(...named(rows, name).map(({ wallNs }) => wallNs));
}

/**
 * Promises that ours does so many times as many tasks a second as the row of that name.
 *
 * @param recorded wall nanoseconds a task, for where that row is not there
 */
export function timesTheRate(times: number, name: string, recorded?: number): Pledge {
  return {
    text: `>= ${times} x ${name}`,
    judge(rows) {
      const there = recorded === undefined || rows.some((row) => row.name === name);
      const value = (there ? wallOf(rows, name) : recorded) / worst(rows, ({ wallNs }) => wallNs);
      return { kept: value >= times, figure: `${value.toFixed(1)} x` };
    },
  };
}

/** Promises that ours takes less time a task than every peer. */
export function aheadOfPeersInTime(): Pledge {
  return {
    text: 'ahead of all peers',
    judge(rows) {
      const own = worst(rows, ({ wallNs }) => wallNs);
      const peers = rows.filter(({ role, wallNs }) => role === 'peer' && wallNs > 0);
      const best = peers.reduce((least, row) => (row.wallNs < least.wallNs ? row : least));
      const times = (best.wallNs / own).toFixed(2);
      return { kept: own < best.wallNs, figure: `the best, ${best.name}, takes ${times} x ours` };
    },
  };
}

/** Promises that ours takes at most `limit` times what the row of that name takes. */
export function atMostTimeOf(limit: number, name: string): Pledge {
  return {
    text: `<= ${limit} x ${name}`,
    judge(rows) {
      const value = worst(rows, ({ wallNs }) => wallNs) / wallOf(rows, name);
      return { kept: value <= limit, figure: value.toFixed(2) };
    },
  };
}

/** Promises that ours takes at most `limit` times the floor of the same round. */
export function atMostFloorTimeTimes(limit: number): Pledge {
  return {
    text: `<= ${limit} x floor`,
    judge(rows) {
      const ratio = worst(rows, ({ wallRatio }) => wallRatio);
      return { kept: ratio <= limit, figure: ratio.toFixed(2) };
    },
  };
}

/** Promises that nobody waits longer than so many milliseconds. */
export function within(ms: number): Pledge {
  return {
    text: `within ${ms} ms`,
    judge(rows) {
      const value = worst(rows, ({ delay }) => delay?.ms ?? Number.NaN);
      return { kept: value <= ms, figure: `${value.toFixed(1)} ms` };
    },
  };
}

/** Promises that nobody waits longer than so many times the fair share of the same run. */
export function withinFairShares(times: number): Pledge {
  return {
    text: `no wait over ${times} x the fair share`,
    judge(rows) {
      const value = worst(rows, ({ delay }) => (delay?.ms ?? 0) / (delay?.fairMs ?? Number.NaN));
      return { kept: value <= times, figure: `${value.toFixed(2)} x` };
    },
  };
}

/** Promises that ours is there no later than the quickest peer. */
export function noLaterThanPeers(): Pledge {
  return {
    text: 'no later than any peer',
    judge(rows) {
      const own = worst(rows, ({ delay }) => delay?.ms ?? Number.NaN);
      const peers = rows.filter(({ role, delay }) => role === 'peer' && delay !== undefined);
      const best = Math.min(...peers.map(({ delay }) => delay?.ms ?? Number.NaN));
      const quickest = peers.find(({ delay }) => delay?.ms === best)?.name;
      const figure = `${own.toFixed(1)} ms, the quickest, ${quickest}, ${best.toFixed(1)} ms`;
      return { kept: own <= best, figure };
    },
  };
}

/** Promises that a figure stays below a limit. */
export function below(
  limit: number,
  unit: string,
  measure: (own: Row, rows: readonly Row[]) => number,
): Pledge {
  return {
    text: `< ${limit} ${unit}`,
    judge(rows) {
      const value = worst(rows, (own) => measure(own, rows));
      return { kept: value < limit, figure: `${value.toFixed(2)} ${unit}` };
    },
  };
}

/** Promises that so many items are done in a second of CPU. */
export function atLeast(perSecond: number, things: string): Pledge {
  return {
    text: `>= ${perSecond.toLocaleString('en')} ${things} a second`,
    judge(rows) {
      const value = 1e9 / worst(rows, ({ cpuNs }) => cpuNs);
      const figure = `${Math.round(value).toLocaleString('en')} ${things} a second`;
      return { kept: value >= perSecond, figure };
    },
  };
}

/** Promises that so many items are done in a second, by the clock on the wall: where several threads work at once. */
export function rateAtLeast(perSecond: number, things: string): Pledge {
  return {
    text: `>= ${perSecond.toLocaleString('en')} ${things} a second`,
    judge(rows) {
      const value = 1e9 / worst(rows, ({ wallNs }) => wallNs);
      const figure = `${Math.round(value).toLocaleString('en')} ${things} a second`;
      return { kept: value >= perSecond, figure };
    },
  };
}

/**
 * Promises that the rows of ours, which differ in size only, cost the same within a factor.
 *
 * @param byHand the rows of the same sizes that are written by hand, for comparison
 */
export function flatWithin(factor: number, byHand: 'context' | 'floor' = 'context'): Pledge {
  return {
    text: `max / min <= ${factor}`,
    judge(rows) {
      const [own, others] = [spread(rows, 'ours'), spread(rows, byHand)];
      const figure = `${own.toFixed(2)}, by hand ${others.toFixed(2)}`;
      return { kept: own <= factor, figure };
    },
  };
}

function spread(rows: readonly Row[], role: Row['role']): number {
  const costs = rows.filter((row) => row.role === role).map((row) => row.cpuNs);
  return Math.max(...costs) / Math.min(...costs);
}

/** Promises that nothing of ours keeps a byte; less than one is noise. */
export function keepsNothing(): Pledge {
  return {
    text: '0 bytes a use',
    judge(rows) {
      const kept = rows.filter((row) => row.role === 'ours' && row.keptBytes >= 1);
      const figure = kept.map((row) => `${row.name}: ${row.keptBytes.toFixed(1)} B`).join('; ');
      return { kept: kept.length === 0, figure: figure || '0 B in all rows' };
    },
  };
}

/** Promises that no window ever has more starts than allowed, in any run. */
export function exact(): Pledge {
  return {
    text: 'exact in all runs',
    judge(rows) {
      const { accuracy } = rowOf(rows, 'ours');
      const figure = `${accuracy?.runsOver} of ${accuracy?.runs} runs over, most ${accuracy?.most}`;
      return { kept: accuracy?.runsOver === 0, figure };
    },
  };
}

/** Promises that every run ends within a factor of the ideal time. */
export function onTime(factor: number): Pledge {
  return {
    text: `<= ${factor} x ideal time`,
    judge(rows) {
      const worstTotal = rowOf(rows, 'ours').accuracy?.worstTotal ?? Number.NaN;
      return { kept: worstTotal <= factor, figure: `${worstTotal.toFixed(4)} at worst` };
    },
  };
}
