/** Whole hours that this machine's time is behind UTC, as Celery counts them (celery/utils/time.py `utcoffset`). */
export function utcOffsetHours(nowMs: number): number {
  return Math.floor(new Date(nowMs).getTimezoneOffset() / 60);
}
