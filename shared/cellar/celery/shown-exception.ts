import { repr } from './python-repr.ts';
import { decodeJson } from './tagged-json.ts';

/** `ValueError('no')`: a stored exception as Python shows it. `result` is its JSON. */
export function shownException(result = 'null'): string {
  const stored = decodeJson(result);
  if (typeof stored !== 'object' || stored === null || !('exc_type' in stored)) return repr(stored);
  const args = 'exc_message' in stored && Array.isArray(stored.exc_message) ? stored.exc_message : [];
  return `${stored.exc_type}(${args.map((value) => repr(value)).join(', ')})`;
}
