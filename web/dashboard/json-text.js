/** Shows JSON text without parsing it into numbers: an integer beyond 2^53 is shown as it is stored. */

const WIDTH = 56;

/** Splits the inside of a list or object at its own commas. */
function members(text) {
  const parts = [];
  let depth = 0;
  let start = 1;
  for (let at = 1; at < text.length - 1; at++) {
    const character = text[at];
    if (character === '"') at = endOfString(text, at);
    else if (character === '[' || character === '{') depth++;
    else if (character === ']' || character === '}') depth--;
    else if (character === ',' && depth === 0) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  const last = text.slice(start, -1);
  return last.trim() === '' ? parts : [...parts, last];
}

function endOfString(text, start) {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === '"') return at;
  }
  return text.length;
}

/** `"key":value` as its two halves. */
function pairOf(member) {
  const end = endOfString(member, member.indexOf('"')) + 1;
  return { key: member.slice(0, end).trim(), value: member.slice(member.indexOf(':', end) + 1).trim() };
}

/** JSON text over several lines where one would be too long. */
export function prettyJson(text) {
  const value = text.trim();
  const open = value[0];
  if ((open !== '[' && open !== '{') || value.length <= 2) return value;
  const parts = members(value).map((member) => {
    if (open === '[') return prettyJson(member);
    const { key, value: inner } = pairOf(member);
    return `${key}: ${prettyJson(inner)}`;
  });
  const line = open === '[' ? `[${parts.join(', ')}]` : `{ ${parts.join(', ')} }`;
  if (line.length <= WIDTH && !line.includes('\n')) return line;
  const indented = parts.map((part) => `  ${part.replaceAll('\n', '\n  ')}`).join(',\n');
  return `${open}\n${indented}\n${value.at(-1)}`;
}

/** A call's arguments as Python writes them: `42, note="quick"`; `…` where they cannot be read. */
export function callText(args, kwargs) {
  if (!args.startsWith('[') || !kwargs.startsWith('{')) return '…';
  const named = members(kwargs).map((member) => {
    const { key, value } = pairOf(member);
    return `${key.slice(1, -1)}=${value}`;
  });
  return [...members(args).map((value) => value.trim()), ...named].join(', ');
}

/** A stored exception (`exc_type`, `exc_message`) in one line; other JSON as it is. */
export function resultText(text) {
  if (!text.startsWith('{"exc_type"')) return text;
  try {
    const { exc_type: type, exc_message: message } = JSON.parse(text);
    const words = Array.isArray(message) ? message.join(', ') : String(message ?? '');
    return words === '' ? type : `${type}: ${words}`;
  } catch {
    return text;
  }
}
