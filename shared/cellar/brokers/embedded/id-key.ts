const UUID_LENGTH = 36;
/** How many characters of another id count. */
const HASHED_LENGTH = 128;

/**
 * A whole number for a task id, to index results by. For UUIDs that rise with time (version 7) it rises too, so that
 * results of tasks sent together lie together; equal numbers are told apart by the id.
 *
 * Of such a UUID the lowest 40 bits of its milliseconds (they come again after 34 years) and its 12-bit count; of other
 * UUIDs the same digits, which are as good as chance; of any other text its FNV-1a hash.
 */
export function idKey(id: string): number {
  if (id.length !== UUID_LENGTH) return hashOf(id);
  const key = Number(`0x${id.slice(2, 8)}${id.slice(9, 13)}${id.slice(15, 18)}`);
  return Number.isNaN(key) ? hashOf(id) : key;
}

function hashOf(id: string): number {
  let hash = 0x81_1c_9d_c5;
  for (let at = 0; at < Math.min(id.length, HASHED_LENGTH); at++)
    hash = Math.imul(hash ^ id.charCodeAt(at), 0x01_00_01_93);
  return hash >>> 0;
}
