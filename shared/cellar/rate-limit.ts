/** Rate limits as Celery writes them (celery/utils/time.py `rate`): `'10/m'`, `'100/s'`, `'2/h'`; a number counts seconds. */
export type RateLimit = string | number;

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };
const RATE = /^(\d+(?:\.\d+)?)(?:\/([smh]))?$/;

/** How many a second; 0 = no limit; `undefined` where it is no rate limit. */
export function ratePerSecond(limit: RateLimit): number | undefined {
  const [, count, unit = 's'] = RATE.exec(String(limit)) ?? [];
  return count === undefined ? undefined : Number(count) / (SECONDS[unit] ?? 1);
}
