/** Ids that two runs of the same step derive alike, so that what is sent twice is recognised. */
import { hash } from 'node:crypto';

/** A UUID of version 5's form, derived from the parts; the same parts always give the same id. */
export function derivedId(...parts: readonly (string | number)[]): string {
  const hex = hash('sha1', `cellar:${parts.join('\u0000')}`);
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** The id of a chord's part by its place in the header, where its signature fixes none. */
export function chordPartId(chordId: string, index: number): string {
  return derivedId(chordId, 'part', index);
}
