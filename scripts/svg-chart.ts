/**
 * A line chart as SVG: step lines over time, of four kinds of elements.
 *
 * @module
 */

/** One line of a chart. */
export interface Line {
  readonly name: string;
  readonly color: string;
  readonly dashed?: boolean;
  /** Points in the order of x. */
  readonly points: readonly (readonly [x: number, y: number])[];
}

/** What a chart shows. */
export interface Chart {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly lines: readonly Line[];
  /** The top of the scale, where lines may leave it. Default: the highest point. */
  readonly yMax?: number;
}

const WIDTH = 720;
const HEIGHT = 280;
const LEFT = 52;
const RIGHT = 12;
const TOP = 34;
const BOTTOM = 40;

/** Draws a chart. */
export function drawChart({ title, xLabel, yLabel, lines, yMax }: Chart): string {
  const points = lines.flatMap((line) => line.points);
  const xTop = Math.max(...points.map(([x]) => x));
  const yTop = yMax ?? Math.max(...points.map(([, y]) => y)) * 1.05;
  const x = (value: number): number => round(LEFT + (value / xTop) * (WIDTH - LEFT - RIGHT));
  const y = (value: number): number =>
    round(HEIGHT - BOTTOM - (Math.min(value, yTop) / yTop) * (HEIGHT - TOP - BOTTOM));
  const xTicks = ticks(xTop).map(
    (tick) =>
      `<text x="${x(tick)}" y="${HEIGHT - BOTTOM + 16}" text-anchor="middle">${tick}</text>`,
  );
  const yTicks = ticks(yTop).map(
    (tick) =>
      `<path d="M${LEFT} ${y(tick)}H${WIDTH - RIGHT}" stroke="#ddd"/><text x="${LEFT - 6}" y="${y(tick) + 4}" text-anchor="end">${tick}</text>`,
  );
  const drawn = lines.map(
    ({ color, dashed, points: [first, ...rest] }) =>
      `<path d="M${x(first?.[0] ?? 0)} ${y(first?.[1] ?? 0)}${rest
        .map(([px, py]) => `H${x(px)}V${y(py)}`)
        .join(
          '',
        )}" fill="none" stroke="${color}" stroke-width="1.5"${dashed ? ' stroke-dasharray="5 4"' : ''}/>`,
  );
  const legend = lines.map(
    ({ name, color }, index) =>
      `<text x="${WIDTH - RIGHT - (lines.length - 1 - index) * 100}" y="20" text-anchor="end" fill="${color}">${name}</text>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12" fill="#444" role="img" aria-label="${title}">`,
    `<title>${title}</title>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    `<text x="${LEFT}" y="20" font-weight="bold">${title}</text>`,
    ...legend,
    ...yTicks,
    ...xTicks,
    ...drawn,
    `<text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 8}" text-anchor="middle">${xLabel}</text>`,
    `<text transform="translate(14 ${(TOP + HEIGHT - BOTTOM) / 2}) rotate(-90)" text-anchor="middle">${yLabel}</text>`,
    '</svg>\n',
  ].join('\n');
}

/** About six round numbers from 0 to `top`. */
function ticks(top: number): number[] {
  const rough = top / 6;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((factor) => factor * power >= rough) as number) * power;
  return Array.from({ length: Math.floor(top / step) + 1 }, (_, index) => index * step);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
