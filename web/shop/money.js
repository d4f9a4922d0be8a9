/** `123456` cents → `€1,234.56`. */
export function euro(cents) {
  const digits = String(Math.abs(cents)).padStart(3, '0');
  const whole = digits.slice(0, -2).replace(/\B(?=(\d{3})+$)/g, ',');
  return `${cents < 0 ? '−' : ''}€${whole}.${digits.slice(-2)}`;
}

/** Part of an amount in per cent, half a cent up: as the server counts, which has the last word. */
export function percentOf(cents, percent) {
  return Math.floor((cents * percent + 50) / 100);
}
