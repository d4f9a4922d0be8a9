/** Money is a whole number of minor units (cents); no fraction of a cent exists anywhere in the shop. */

/**
 * Part of an amount in per cent, rounded to the nearest cent, half a cent up (Django's `floatformat` rounds so).
 *
 * Exact for every safe integer: the product is taken in BigInt.
 */
export function percentOf(cents: number, percent: number): number {
  return Number((BigInt(cents) * BigInt(percent) + 50n) / 100n);
}

/** `123456` → `1234.56`, for documents and machine-read files. */
export function decimalText(cents: number): string {
  const digits = String(Math.abs(cents)).padStart(3, '0');
  return `${cents < 0 ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

/** `123456` → `€1,234.56`, `-500` → `-€5.00`. */
export function euroText(cents: number): string {
  const [whole = '', fraction] = decimalText(Math.abs(cents)).split('.');
  return `${cents < 0 ? '-' : ''}€${whole.replace(/\B(?=(\d{3})+$)/g, ',')}.${fraction}`;
}
