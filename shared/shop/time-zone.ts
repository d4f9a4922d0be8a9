/** The shop's local time: in which days of reports begin and dates of documents are written. */

/** IANA name. */
export const SHOP_TIME_ZONE = 'Europe/Paris';

const dayParts = new Intl.DateTimeFormat('en-CA', {
  timeZone: SHOP_TIME_ZONE,
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
});

const longDate = new Intl.DateTimeFormat('en-US', {
  timeZone: SHOP_TIME_ZONE,
  year: 'numeric',
  month: 'short',
  day: 'numeric',
});

/** Its calendar day, `2026-11-23`. */
export function dayOf(moment: Date): string {
  return dayParts.format(moment);
}

/** `Nov 23, 2026`. */
export function longDateText(moment: Date): string {
  return longDate.format(moment);
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

const offsetText = new Intl.DateTimeFormat('en-US', { timeZone: SHOP_TIME_ZONE, timeZoneName: 'longOffset' });

/** How far the local time is ahead of UTC (`GMT+01:00`, or `GMT` for none). */
function offsetMsAt(epochMs: number): number {
  const name = offsetText.formatToParts(epochMs).find(({ type }) => type === 'timeZoneName')?.value ?? '';
  const [, sign = '+', hours = '0', minutes = '0'] = /([+-])(\d\d):(\d\d)$/.exec(name) ?? [];
  return Number(`${sign}1`) * (Number(hours) * 60 + Number(minutes)) * 60_000;
}
