/**
 * Turns samples into tables, and writes them into the README between its markers.
 *
 * @module
 */
import { readFileSync, writeFileSync } from 'node:fs';
import type { Case, Contender, Recorded, Row, Sample, Verdict } from './case.ts';

/** A case with what came out of it. */
export interface Result {
  readonly asked: Case;
  readonly rows: readonly Row[];
  /** Load of the machine over the last minute, at the start and at the end of the case. */
  readonly load: readonly [before: number, after: number];
}

/** A promise with what came of it. */
export interface Judged extends Verdict {
  readonly question: string;
  readonly text: string;
}

/** Takes the medians over the rounds; `samples` has a list of rounds for each contender. */
export function rowsOf(
  asked: Case,
  samples: readonly (readonly Sample[])[],
  failed: readonly number[],
): Row[] {
  const floor = samples[asked.contenders.findIndex(({ role }) => role === 'floor')];
  return asked.contenders.map((contender, position) => ({
    ...rowOf(asked, contender, samples[position] ?? [], floor),
    failed: failed[position] ?? 0,
  }));
}

function rowOf(
  asked: Case,
  contender: Contender,
  samples: readonly Sample[],
  floor: readonly Sample[] | undefined,
): Omit<Row, 'failed'> {
  const { name, role, items = asked.items, repeat = asked.repeat } = contender;
  const middle = (field: Exclude<keyof Sample, 'accuracy' | 'delay'>): number =>
    median(samples.map((sample) => sample[field]));
  const accuracy = samples[0]?.accuracy;
  return {
    name,
    role,
    items,
    repeat,
    cpuNs: middle('cpuNs'),
    wallNs: middle('wallNs'),
    wallSeconds: middle('wallSeconds'),
    peakMb: middle('peakMb'),
    idleMb: middle('idleMb'),
    keptBytes: middle('keptBytes'),
    ...(accuracy === undefined ? {} : { accuracy }),
    ...delayOf(samples),
    ratio: median(samples.map(({ cpuNs }, round) => cpuNs / (floor?.[round]?.cpuNs ?? Number.NaN))),
    wallRatio: median(
      samples.map(({ wallNs }, round) => wallNs / (floor?.[round]?.wallNs ?? Number.NaN)),
    ),
  };
}

/** The round in the middle, with the longest wait of all rounds. */
function delayOf(samples: readonly Sample[]): Pick<Sample, 'delay'> {
  const delays = samples.flatMap(({ delay }) => (delay === undefined ? [] : [delay]));
  const middle = delays.toSorted((a, b) => a.ms - b.ms)[delays.length >> 1];
  if (middle === undefined) return {};
  return { delay: { ...middle, worstMs: Math.max(...delays.map(({ worstMs }) => worstMs)) } };
}

function median(values: readonly number[]): number {
  const sorted = values.filter((value) => !Number.isNaN(value)).toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [below = Number.NaN, above = Number.NaN] = [sorted[middle - 1], sorted[middle]];
  return sorted.length % 2 === 1 ? above : (below + above) / 2;
}

/** Judges all promises. */
export function judge(results: readonly Result[]): Judged[] {
  return results.flatMap(({ asked, rows }) =>
    asked.promises.map((pledge) => ({
      question: asked.name,
      text: pledge.text,
      ...pledge.judge(rows),
    })),
  );
}

/** One case as a heading and a Markdown table. */
export function caseTable({ asked, rows, load }: Result): string {
  const verdicts = judge([{ asked, rows, load }]).map(phrase).join('; ');
  const lead = rows.findIndex((row) => row.role === 'ours');
  const cells = rows.map((row, position) => [
    ...cellsOf(asked, row),
    position === lead ? verdicts : '',
  ]);
  for (const recorded of asked.recorded ?? []) cells.push([...recordedCells(asked, recorded), '']);
  const loads = `Load ${load.map((value) => value.toFixed(1)).join(' to ')}.`;
  return [
    `### ${asked.name}`,
    '',
    loads,
    '',
    ...table([...header(asked), 'promise kept'], cells),
  ].join('\n');
}

function header({ measure, per, byWall }: Case): string[] {
  const unit = per === 'task' ? 'us/task' : 'ns/item';
  if (measure === 'retention') return ['contender', 'bytes kept a use'];
  if (measure === 'accuracy')
    return ['contender', 'runs over', 'most starts', 'median ms', 'worst x ideal'];
  if (measure === 'delay') return ['contender', 'median ms', 'longest ms', 'x fair share'];
  if (byWall === true)
    return ['contender', 'items', `wall ${unit}`, 'x floor', `CPU ${unit}`, 'peak RSS MB'];
  return [
    'contender',
    'items',
    `CPU ${unit}`,
    'x floor',
    `wall ${unit}`,
    'idle RSS MB',
    'peak RSS MB',
  ];
}

function cellsOf(asked: Case, row: Row): string[] {
  if (asked.measure === 'time') return timeCells(asked, row);
  if (asked.measure === 'retention') return [labelOf(row), bytes(row.keptBytes)];
  if (asked.measure === 'delay') return delayCells(row);
  return accuracyCells(row);
}

function accuracyCells(row: Row): string[] {
  const { accuracy } = row;
  const name = labelOf(row);
  if (accuracy === undefined) return [name, '-', '-', '-', '-'];
  const { runs, runsOver, most, totalMs, worstTotal } = accuracy;
  return [name, `${runsOver} of ${runs}`, String(most), number(totalMs, 1), number(worstTotal, 3)];
}

/** The name, and how often it failed. */
function labelOf({ name, failed }: Row): string {
  return failed === 0 ? name : `${name} (failed ${failed} x)`;
}

function delayCells(row: Row): string[] {
  const { ms = Number.NaN, worstMs = Number.NaN, fairMs = Number.NaN } = row.delay ?? {};
  return [labelOf(row), number(ms, 1), number(worstMs, 1), number(ms / fairMs, 2)];
}

function recordedCells(asked: Case, recorded: Recorded): string[] {
  const { name, cpuNs, wallNs = Number.NaN, peakMb, seen } = recorded;
  if (asked.byWall === true) return [name, '', cost(asked, wallNs), '', '', ''];
  if (asked.measure === 'accuracy') return [name, seen ?? '', '', '', ''];
  return [name, '', cost(asked, cpuNs ?? Number.NaN), '', '', '', number(peakMb ?? Number.NaN, 0)];
}

function timeCells(asked: Case, row: Row): string[] {
  const { items, repeat } = row;
  const measured = row.role === 'idle' ? Number.NaN : 1;
  if (asked.byWall === true)
    return [
      labelOf(row),
      items.toLocaleString('en') + (repeat === 1 ? '' : ` x ${repeat}`),
      cost(asked, row.wallNs),
      number(row.wallRatio, 2),
      cost(asked, row.cpuNs || Number.NaN),
      number(row.peakMb || Number.NaN, 0),
    ];
  return [
    labelOf(row),
    items.toLocaleString('en') + (repeat === 1 ? '' : ` x ${repeat}`),
    cost(asked, row.cpuNs * measured),
    number(row.ratio * measured, 2),
    cost(asked, row.wallNs * measured),
    number(row.idleMb, 0),
    number(row.peakMb, 0),
  ];
}

/** A time in the unit of the case. */
export function cost({ per }: Case, ns: number): string {
  return per === 'task' ? number(ns / 1000, 2) : number(ns, 0);
}

/** A figure for a table. */
export function number(value: number, digits: number): string {
  if (!Number.isFinite(value)) return '-';
  return value.toLocaleString('en', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}

function bytes(kept: number): string {
  return kept < 1 ? '0' : number(kept, kept < 10 ? 1 : 0);
}

function phrase({ text, kept }: Judged): string {
  return `${text}: ${kept ? 'yes' : '**no**'}`;
}

/** A Markdown table, aligned so that it can be read in a terminal too. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = head.map((title, column) =>
    Math.max(title.length, 3, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)];
}

/** All tables, after the list of promises. */
export function document(header: readonly string[], results: readonly Result[]): string {
  const promises = judge(results).map(({ question, text, kept, figure }) => [
    question,
    text,
    kept ? 'yes' : '**no**',
    figure,
  ]);
  const summary = table(['question', 'promise', 'kept', 'measured'], promises);
  return [...header, '', ...summary, '', results.map(caseTable).join('\n\n')].join('\n');
}

/** Replaces what is between the markers of a block in the README. */
export function writeResults(file: string, block: string, text: string): void {
  const [first, last] = [`<!-- results of ${block} -->`, `<!-- /results of ${block} -->`];
  const old = readFileSync(file, 'utf8');
  const [start, end] = [old.indexOf(first), old.indexOf(last)];
  if (start < 0 || end < start) throw new Error(`${file} lacks the markers ${first} and ${last}`);
  writeFileSync(file, `${old.slice(0, start)}${first}\n\n${text}\n\n${old.slice(end)}`);
}
