import { didYouMean } from '../nearest.ts';

/** The values that one field of a crontab may take. */
export interface FieldRange {
  readonly first: number;
  readonly last: number;
  /** Full names in order, the first for `first`; three letters or more of one are enough. */
  readonly names?: readonly string[];
}

/** The values of a field in ascending order, or why its text cannot be read. */
export type ParsedField = { readonly values: readonly number[] } | { readonly problem: string };

const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
const MONTHS = [
  'january',
  'february',
  'march',
  'april',
  'may',
  'june',
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
];

/** The ranges of the five fields. */
export const crontabRanges = {
  minute: { first: 0, last: 59 },
  hour: { first: 0, last: 23 },
  dayOfWeek: { first: 0, last: 6, names: WEEKDAYS },
  dayOfMonth: { first: 1, last: 31 },
  monthOfYear: { first: 1, last: 12, names: MONTHS },
} as const satisfies Readonly<Record<string, FieldRange>>;

/** Ends the reading of a field; never leaves this file. */
class FieldFault extends Error {}

/**
 * Reads one field as Celery's crontab_parser does: parts separated by commas, each a value, `*`, a range that may
 * wrap (`55-5`), or one of the last two with a step that counts from where it begins (`55-5/3`).
 */
export function parseCrontabField(text: string, range: FieldRange): ParsedField {
  try {
    const values = new Set(text.split(',').flatMap((part) => partValues(part.trim(), range)));
    return { values: [...values].sort((left, right) => left - right) };
  } catch (fault) {
    if (fault instanceof FieldFault) return { problem: fault.message };
    throw fault;
  }
}

function partValues(part: string, range: FieldRange): number[] {
  if (part === '') throw new FieldFault(`has an empty part, allowed: ${allowed(range)}`);
  const [base = '', step, ...more] = part.split('/');
  if (more.length > 0) throw new FieldFault(`has '${part}', allowed: one step only`);
  const [from = '', to, ...further] = base.split('-');
  if (base.startsWith('-') || further.length > 0) {
    throw new FieldFault(`has '${part}', allowed: ${allowed(range)}, or a range of two of them`);
  }
  if (base !== '*' && to === undefined && step !== undefined) {
    throw new FieldFault(
      `has '${part}', allowed: a step after '*' or a range only, such as '${from}-${range.last}/${step}'`,
    );
  }
  const values = base === '*' ? span(range.first, range.last) : rangeValues(from, to ?? from, range);
  return step === undefined ? values : everyNth(values, step, part);
}

function rangeValues(fromText: string, toText: string, range: FieldRange): number[] {
  const from = singleValue(fromText, range);
  const to = singleValue(toText, range);
  return from <= to ? span(from, to) : [...span(from, range.last), ...span(range.first, to)];
}

function span(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

function everyNth(values: readonly number[], stepText: string, part: string): number[] {
  const step = /^[0-9]+$/.test(stepText) ? Number(stepText) : 0;
  if (step === 0) throw new FieldFault(`has '${part}', allowed: a step of 1 or more after '/'`);
  return values.filter((_, index) => index % step === 0);
}

function singleValue(text: string, range: FieldRange): number {
  const value = /^[0-9]+$/.test(text) ? Number(text) : namedValue(text, range);
  if (value >= range.first && value <= range.last) return value;
  throw new FieldFault(`has '${text}', allowed: ${allowed(range)}`);
}

function namedValue(text: string, range: FieldRange): number {
  const names = range.names ?? [];
  const wanted = text.toLowerCase();
  const place = wanted.length < 3 ? -1 : names.findIndex((name) => name.startsWith(wanted));
  if (place >= 0) return range.first + place;
  const hint = didYouMean(wanted, [...names, ...names.map((name) => name.slice(0, 3))]);
  throw new FieldFault(`has '${text}'${hint}, allowed: ${allowed(range)}`);
}

function allowed({ first, last, names = [] }: FieldRange): string {
  const ends = names.length === 0 ? '' : ` or ${names[0]?.slice(0, 3)} to ${names.at(-1)?.slice(0, 3)}`;
  return `${first} to ${last}${ends}`;
}
