/** Days and moments as ISO 8601 writes them. By hand, as zod's own checks load every other format that it knows. */

const DAY = /^\d{4}-\d\d-\d\d$/;
const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z$/;

/** `2026-03-28`; 30 February is none, though `Date` takes it as 2 March. */
export function isDay(text: string): boolean {
  return DAY.test(text) && isOnTheCalendar(`${text}T00:00:00Z`);
}

/** `2026-03-28T10:00:00Z`, with parts of a second or without; UTC only. */
export function isMoment(text: string): boolean {
  return MOMENT.test(text) && isOnTheCalendar(text);
}

function isOnTheCalendar(moment: string): boolean {
  const date = new Date(moment);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(moment.slice(0, 19));
}
