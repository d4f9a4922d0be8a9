/** The server's refusal of a declaration, as a sentence that names the difference. */
import type { CellarError } from '../../errors.ts';
import { errorOfProblems } from '../../errors.ts';
import { REPLY, replyCodeOf, serverText } from './faults.ts';

const INEQUIVALENT =
  /inequivalent arg '([^']+)' for (\w+) '([^']*)' in vhost '[^']*': received (.+) but current is (.+)$/s;
const VALUE = /^the value '([^']*)' of type '\w+'$/;

/** What a channel that died of a declaration says, if it is a conflict with what is there. */
export function conflictOf(error: unknown): string | undefined {
  const code = replyCodeOf(error);
  const isConflict = code === REPLY.preconditionFailed || code === REPLY.resourceLocked || code === REPLY.accessRefused;
  if (!isConflict) return undefined;
  const text = serverText(error);
  const [, what = '', kind = '', name = '', received = '', current = ''] = INEQUIVALENT.exec(text) ?? [];
  if (what === '') return text;
  const declared = `${kind} '${name}' is declared with ${what} ${shown(received)}`;
  const existing = what === 'x-queue-type' && current === 'none' ? 'classic' : shown(current);
  return `${declared} but exists with ${existing}; declare it alike, or delete it`;
}

export function declareConflict(problems: readonly string[]): CellarError {
  return errorOfProblems('declare-conflict', 'the topology cannot be declared', problems);
}

function shown(value: string): string {
  const [, text] = VALUE.exec(value) ?? [];
  return text === undefined ? value.replaceAll("'", '') : text;
}
