/** Times and durations in few words. */

/** `340 ms`, `1.25 s`, `2 min 5 s`, `3 h 10 min`, `2 d 4 h`. */
export function duration(ms) {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${Math.round(ms / 10) / 100} s`;
  return coarse(ms);
}

/** As `duration`, but never finer than a second. */
export function coarse(ms) {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600)
    return seconds < 600 ? `${Math.floor(seconds / 60)} min ${seconds % 60} s` : `${Math.floor(seconds / 60)} min`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
  return `${Math.floor(seconds / 86_400)} d ${Math.floor((seconds % 86_400) / 3600)} h`;
}

/** `now`, `just now`, `12 s ago`, `in 3 min`. */
export function relative(ms, nowMs) {
  const ago = nowMs - ms;
  if (ago < 0) return ago < -500 ? `in ${coarse(-ago)}` : 'now';
  return ago < 1500 ? 'just now' : `${coarse(ago)} ago`;
}

/** `Mon 23 Nov, 20:44:02`, in the zone or the browser's. */
export function clockTime(ms, timeZone) {
  const zone = timeZone === undefined ? {} : { timeZone };
  const day = new Date(ms).toLocaleDateString('en-GB', { weekday: 'short', day: 'numeric', month: 'short', ...zone });
  return `${day}, ${new Date(ms).toLocaleTimeString('en-GB', zone)}`;
}

/** `20:44:02.417`, in the browser's zone. */
export function exactTime(ms) {
  const date = new Date(ms);
  return `${date.toLocaleTimeString('en-GB')}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}

export function count(number, one, many = `${one}s`) {
  return `${number.toLocaleString('en-GB')} ${number === 1 ? one : many}`;
}
