/**
 * Takes JSON apart without decoding its values: their texts stay as they were written, so that a number beyond 2^53 or
 * Python's bare NaN inside one is a matter of that value only.
 */
import { CellarError } from '../errors.ts';

/**
 * The texts of a list's items, or of an object's members (`"name": value`).
 * @throws CellarError `bad-message` for text that is neither
 */
export function jsonParts(text: string): readonly string[] {
  const whole = text.trim();
  const brackets = `${whole.at(0)}${whole.at(-1)}`;
  if (brackets !== '{}' && brackets !== '[]') {
    throw new CellarError('bad-message', `${shown(whole)} is stored, allowed: a JSON list or object`);
  }
  const parts: string[] = [];
  for (let start = 1; start < whole.length - 1; ) {
    const end = endOfPart(whole, start);
    parts.push(whole.slice(start, end).trim());
    start = end + 1;
  }
  return parts.length === 1 && parts[0] === '' ? [] : parts;
}

/**
 * An object's members: name → text of its value.
 * @throws CellarError `bad-message` for text that is no JSON object
 */
export function jsonMembers(text: string): ReadonlyMap<string, string> {
  return new Map(
    jsonParts(text).map((part) => {
      const end = endOfString(part, 0);
      const colon = part.indexOf(':', end);
      if (part[0] !== '"' || colon < 0) {
        throw new CellarError('bad-message', `${shown(text)} is stored, allowed: a JSON object`);
      }
      return [String(JSON.parse(part.slice(0, end + 1))), part.slice(colon + 1).trim()];
    }),
  );
}

/** Where the part that begins here ends: at a comma or bracket of its own level. */
function endOfPart(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const character = text[at];
    if (character === '"') at = endOfString(text, at);
    else if (character === '{' || character === '[') depth++;
    else if (depth === 0 && (character === ',' || character === '}' || character === ']')) return at;
    else if (character === '}' || character === ']') depth--;
  }
  return text.length;
}

/** Where the string that begins here has its closing quote. */
function endOfString(text: string, start: number): number {
  for (let at = text.indexOf('"', start + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let slashes = 0;
    while (text[at - 1 - slashes] === '\\') slashes++;
    if (slashes % 2 === 0) return at;
  }
  return text.length;
}

function shown(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}
