/** The shop's local time: in which days of reports begin and dates of documents are written. */

/** IANA name. */
export const SHOP_TIME_ZONE = 'Europe/Paris';

/** Formats are made when they are first used: loading the data of time zones takes a function 10 ms of its start. */
const formats = new Map<string, Intl.DateTimeFormat>();

function format(locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = locale + JSON.stringify(options);
  const known = formats.get(key) ?? new Intl.DateTimeFormat(locale, { timeZone: SHOP_TIME_ZONE, ...options });
  formats.set(key, known);
  return known;
}

const DAY_PARTS = { year: 'numeric', month: '2-digit', day: '2-digit' } as const;
const LONG_DATE = { year: 'numeric', month: 'short', day: 'numeric' } as const;
const OFFSET = { timeZoneName: 'longOffset' } as const;

/** Its calendar day, `2026-11-23`. */
export function dayOf(moment: Date): string {
  return format('en-CA', DAY_PARTS).format(moment);
}

/** `Nov 23, 2026`. */
export function longDateText(moment: Date): string {
  return format('en-US', LONG_DATE).format(moment);
}

/** `23/11/2026`. */
export function slashedDateText(moment: Date): string {
  return dayOf(moment).split('-').reverse().join('/');
}

/** The day that many days later (earlier where negative), `2026-11-23` → `2026-11-24`. */
export function addDays(day: string, days: number): string {
  const midnight = new Date(`${day}T00:00:00Z`);
  midnight.setUTCDate(midnight.getUTCDate() + days);
  return midnight.toISOString().slice(0, 10);
}

/** The first moment of a day. */
export function startOfDay(day: string): Date {
  const utcMidnight = Date.parse(`${day}T00:00:00Z`);
  // The offset is looked up twice: on the day of a clock change the first guess may lie on the wrong side of it.
  const guess = utcMidnight - offsetMsAt(utcMidnight);
  return new Date(utcMidnight - offsetMsAt(guess));
}

/** How far the local time is ahead of UTC (`GMT+01:00`, or `GMT` for none). */
function offsetMsAt(epochMs: number): number {
  const parts = format('en-US', OFFSET).formatToParts(epochMs);
  const name = parts.find(({ type }) => type === 'timeZoneName')?.value ?? '';
  const [, sign = '+', hours = '0', minutes = '0'] = /([+-])(\d\d):(\d\d)$/.exec(name) ?? [];
  return Number(`${sign}1`) * (Number(hours) * 60 + Number(minutes)) * 60_000;
}
