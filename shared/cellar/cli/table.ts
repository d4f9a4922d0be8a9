import { plainText } from './plain-text.ts';

export interface Column<Row> {
  readonly title: string;
  readonly cell: (row: Row) => string | number | undefined;
  /** @default left, numbers right */
  readonly align?: 'right';
  /** Longer text is cut, with an ellipsis. @default as long as it is */
  readonly maxWidth?: number;
}

/** Rows as aligned text, a title above each column; each line ends with a line break. */
export function table<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): string {
  const cells = rows.map((row) => columns.map((column) => cellText(column, row)));
  const lines = [columns.map(({ title }) => title), ...cells];
  const widths = columns.map((_, place) => Math.max(...lines.map((line) => line[place]?.length ?? 0)));
  return lines.map((line) => `${line.map(padded(columns, widths)).join('  ').trimEnd()}\n`).join('');
}

/** Names and values under each other; entries without a value are left out. */
export function fieldList(fields: Readonly<Record<string, string | number | undefined>>): string {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined && value !== '');
  const width = Math.max(...entries.map(([name]) => name.length));
  return entries.map(([name, value]) => `${name.padEnd(width)}  ${plainText(String(value))}\n`).join('');
}

function cellText<Row>({ cell, maxWidth = Number.POSITIVE_INFINITY }: Column<Row>, row: Row): string {
  const value = cell(row);
  const text = value === undefined ? '-' : plainText(String(value));
  return text.length > maxWidth ? `${text.slice(0, maxWidth - 1)}…` : text;
}

function padded<Row>(columns: readonly Column<Row>[], widths: readonly number[]) {
  return (text: string, place: number): string => {
    const width = widths[place] ?? 0;
    return columns[place]?.align === 'right' ? text.padStart(width) : text.padEnd(width);
  };
}
