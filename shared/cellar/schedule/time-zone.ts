import { didYouMean } from '../nearest.ts';

/** What is wrong with the name of a time zone; `undefined` = nothing. Offsets such as `+01:00` are no zones. */
export function timeZoneProblem(name: string): string | undefined {
  if (/^[A-Za-z]/.test(name) && isKnown(name)) return undefined;
  const hint = didYouMean(name, Intl.supportedValuesOf('timeZone'));
  return `is '${name}'${hint}, allowed: IANA time zones such as 'UTC' or 'Europe/Zurich'`;
}

/** The list is there in 1 ms; the first format, which knows older spellings too, takes 10 ms of a function's start. */
function isKnown(name: string): boolean {
  if (name === 'UTC' || Intl.supportedValuesOf('timeZone').includes(name)) return true;
  try {
    formatOf(name);
    return true;
  } catch {
    return false;
  }
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** Making a format costs some hundred times more than using it. */
function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  formats.set(timeZone, format);
  return format;
}

/**
 * How far local time is ahead of UTC at an instant, in milliseconds: whole seconds.
 *
 * Local time itself is written as the milliseconds since the epoch that the same date and time would have in UTC
 * (`wall` in the names): `wallMs = ms + offsetMs`.
 */
export function offsetMs(timeZone: string, ms: number): number {
  if (timeZone === 'UTC') return 0;
  const wholeSecond = Math.floor(ms / 1_000) * 1_000;
  const [month = 0, day = 0, year = 0, hour = 0, minute = 0, second = 0] =
    formatOf(timeZone).format(wholeSecond).match(/\d+/g)?.map(Number) ?? [];
  return Date.UTC(year, month - 1, day, hour, minute, second) - wholeSecond;
}
