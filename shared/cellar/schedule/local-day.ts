import { offsetMs } from './time-zone.ts';

const SECOND_MS = 1_000;
const DAY_MS = 86_400_000;

/** A stretch of instants, the end not included, in which local time runs evenly. */
interface Stretch {
  readonly fromMs: number;
  readonly toMs: number;
  readonly offsetMs: number;
}

/** One date of a time zone, and the stretches of time that it consists of. */
export interface LocalDay {
  /** One stretch; two on a day on which the clocks change; none where the zone left the date out. */
  readonly stretches: readonly Stretch[];
  /** Where the next date begins. */
  readonly endMs: number;
}

/** The first instant in (`earlyMs`, `lateMs`] that has the offset of `lateMs`: where the clocks change between them. */
function changeBetween(timeZone: string, earlyMs: number, lateMs: number): number {
  const offset = offsetMs(timeZone, lateMs);
  let early = Math.floor(earlyMs / SECOND_MS);
  let late = Math.ceil(lateMs / SECOND_MS);
  while (late - early > 1) {
    const middle = Math.floor((early + late) / 2);
    if (offsetMs(timeZone, middle * SECOND_MS) === offset) late = middle;
    else early = middle;
  }
  return late * SECOND_MS;
}

/** The instant at which local time first reads `wallMs`, or has passed it where clocks skip it. */
function instantOf(timeZone: string, wallMs: number): number {
  const before = offsetMs(timeZone, wallMs - DAY_MS);
  const after = offsetMs(timeZone, wallMs + DAY_MS);
  const candidates = [wallMs - before, wallMs - after].filter((ms) => offsetMs(timeZone, ms) === wallMs - ms);
  if (candidates.length > 0) return Math.min(...candidates);
  return changeBetween(timeZone, wallMs - DAY_MS, wallMs + DAY_MS);
}

/** The date that begins when local time reads `wallMs`, a midnight. */
export function localDay(timeZone: string, wallMs: number): LocalDay {
  const fromMs = instantOf(timeZone, wallMs);
  const endMs = instantOf(timeZone, wallMs + DAY_MS);
  if (fromMs >= endMs) return { stretches: [], endMs };
  const first = offsetMs(timeZone, fromMs);
  const last = offsetMs(timeZone, endMs - SECOND_MS);
  if (first === last) return { stretches: [{ fromMs, toMs: endMs, offsetMs: first }], endMs };
  const changeMs = changeBetween(timeZone, fromMs, endMs - SECOND_MS);
  const stretches = [
    { fromMs, toMs: changeMs, offsetMs: first },
    { fromMs: changeMs, toMs: endMs, offsetMs: last },
  ];
  return { stretches, endMs };
}

/** The midnight, in local time, of the date that an instant falls on. */
export function localMidnight(timeZone: string, ms: number): number {
  return Math.floor((ms + offsetMs(timeZone, ms)) / DAY_MS) * DAY_MS;
}
