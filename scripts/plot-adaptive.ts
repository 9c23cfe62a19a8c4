/**
 * Draws how adaptive limits find the knee of a server, into docs/adaptive: the runs that test/pace/adaptive-finds.test.ts checks.
 *
 * @module
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { type Simulation, simulate, varied } from '../test/pace/adaptive-simulation.ts';
import { drawChart, type Line } from './svg-chart.ts';

const folder = 'docs/adaptive';
const COLORS = ['#1f6feb', '#d1242f'];

interface Plot {
  readonly file: string;
  readonly title: string;
  /** Drawn in one chart, one line for each client. */
  readonly runs: readonly { readonly names: readonly string[]; readonly simulation: Simulation }[];
  readonly yMax: number;
}

const server = { servers: 100, service: varied(1) };

const plots: readonly Plot[] = [
  {
    file: 'start',
    title: 'gradient: ten times too low, ten times too high',
    yMax: 400,
    runs: [10, 1000].map((initial) => ({
      names: [`from ${initial}`],
      simulation: { ...server, clients: [{ max: 2000, initial }], seconds: 30 },
    })),
  },
  {
    file: 'fairness',
    title: 'gradient: a second client comes',
    yMax: 160,
    runs: [
      {
        names: ['first client', 'second client'],
        simulation: { ...server, clients: [{ max: 2000 }, { max: 2000, from: 15 }], seconds: 70 },
      },
    ],
  },
  {
    file: 'steps',
    title: 'gradient: the capacity doubles, then falls to a quarter',
    yMax: 280,
    runs: [
      {
        names: ['limit'],
        simulation: {
          ...server,
          clients: [{ max: 2000 }],
          steps: { 15: 200, 35: 50 },
          seconds: 50,
        },
      },
    ],
  },
  {
    file: 'aimd',
    title: 'aimd: the same, by refusals alone (queue of 10)',
    yMax: 280,
    runs: [
      {
        names: ['limit'],
        simulation: {
          ...server,
          queue: 10,
          clients: [{ max: 2000, algorithm: 'aimd' }],
          steps: { 15: 200, 35: 50 },
          seconds: 50,
        },
      },
    ],
  },
];

mkdirSync(folder, { recursive: true });
for (const { file, title, runs, yMax } of plots) {
  const lines: Line[] = [];
  for (const { names, simulation } of runs) {
    const moments = await simulate({ ...simulation, service: varied(1) });
    if (lines.length === 0) {
      const points = moments.map(({ seconds, servers }) => [seconds, servers] as const);
      lines.push({ name: 'knee', color: '#888', dashed: true, points });
    }
    names.forEach((name, client) => {
      const color = COLORS[lines.length - 1] ?? '#000';
      const points = moments
        .map(({ seconds, limits }) => [seconds, limits[client] ?? 0] as const)
        .filter(([, limit]) => limit > 0);
      lines.push({ name, color, points });
    });
  }
  const chart = { title, xLabel: 'seconds', yLabel: 'limit', lines, yMax };
  writeFileSync(`${folder}/${file}.svg`, drawChart(chart));
}
