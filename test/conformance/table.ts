/** The tables behaviour × broker in docs/brokers.md, between two marks: what the suite recorded. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Shown } from './behaviour.ts';
import type { Noted } from './record.ts';

const PAGE = fileURLToPath(new URL('../../docs/brokers.md', import.meta.url));
const BEGIN = '<!-- conformance: written by npm run docs:brokers -->\n';
const END = '<!-- end of conformance -->';

/** The suites whose records are columns. */
const COLUMNS = ['memory', 'embedded', 'rabbitmq', 'ministack', 'LocalStack', 'Redis', 'DynamoDB'] as const;
const CELLS: Readonly<Record<Shown, string>> = { yes: '✓', no: 'no', gap: 'gap' };
/** The stores of Redis and DynamoDB are no brokers. */
const NOT_ASKED = '';

/** Rows of topics and behaviours in the order of the suite, which the broker in memory shows whole. */
export function tableOf(noted: readonly Noted[]): string {
  const columns = COLUMNS.filter((column) => noted.some(({ broker }) => broker === column));
  const rows = noted.filter(({ broker }) => broker === 'memory');
  const topics = [...new Set(rows.map(({ topic }) => topic))];
  const cell = (behaviour: string, column: string): string => {
    const found = noted.find((one) => one.broker === column && one.behaviour === behaviour);
    return found === undefined ? NOT_ASKED : CELLS[found.shown];
  };
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    line(['behaviour', ...columns]),
    line(['---', ...columns.map(() => '---')]),
    ...topics.flatMap((topic) => [
      line([`**${topic}**`, ...columns.map(() => NOT_ASKED)]),
      ...rows
        .filter((row) => row.topic === topic)
        .map(({ behaviour }) => line([behaviour, ...columns.map((column) => cell(behaviour, column))])),
    ]),
  ].join('\n');
}

/** Puts a table between the marks of the page. */
export function writeTable(table: string): void {
  const [before, , after] = parts();
  writeFileSync(PAGE, `${before}${BEGIN}${table}\n${END}${after}`);
}

/** The page's table: the rows of behaviours, each with what is said of the columns. */
export function rowsInPage(): readonly { readonly behaviour: string; readonly cells: ReadonlyMap<string, string> }[] {
  const [, table = ''] = parts();
  const [columns = [], , ...rows] = table.trim().split('\n').map(cellsOf);
  return rows
    .filter(([behaviour = '']) => !behaviour.startsWith('**'))
    .map(([behaviour = '', ...cells]) => ({
      behaviour,
      cells: new Map(cells.map((cell, place) => [columns[place + 1] ?? '', cell])),
    }));
}

/** What the page's table must say of these. */
export function saidOf(noted: readonly Noted[]): readonly string[] {
  return noted.map(({ behaviour, shown }) => `${behaviour}: ${CELLS[shown]}`);
}

/** What the page's table says of these. */
export function saidInPage(noted: readonly Noted[]): readonly string[] {
  const rows = new Map(rowsInPage().map(({ behaviour, cells }) => [behaviour, cells]));
  return noted.map(({ broker, behaviour }) => `${behaviour}: ${rows.get(behaviour)?.get(broker)}`);
}

export function isColumn(broker: string): boolean {
  return COLUMNS.some((column) => column === broker);
}

function cellsOf(line: string): string[] {
  return line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());
}

function parts(): readonly [before: string, table: string, after: string] {
  const page = readFileSync(PAGE, 'utf8');
  const [before, rest] = page.split(BEGIN);
  const [table, after] = rest?.split(END) ?? [];
  if (before === undefined || table === undefined || after === undefined)
    throw new Error(`docs/brokers.md lacks the marks ${BEGIN.trim()} and ${END}`);
  return [before, table, after];
}
