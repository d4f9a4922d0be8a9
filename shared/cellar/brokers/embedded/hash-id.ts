/** How many characters of an id count: a UUID is random in each of them. */
const HASHED_LENGTH = 36;

/**
 * A number below 2^32 for a task id (FNV-1a), to index results by: it takes a third of the space of the id, and the
 * index is what costs most when a result is stored, because ids are random. Equal numbers are told apart by the id.
 */
export function hashId(id: string): number {
  let hash = 0x81_1c_9d_c5;
  for (let at = 0; at < Math.min(id.length, HASHED_LENGTH); at++)
    hash = Math.imul(hash ^ id.charCodeAt(at), 0x01_00_01_93);
  return hash >>> 0;
}
