/** Whether a request is meant for a node (kombu/pidbox.py `handle_message`, kombu/matcher.py). */
import type { ControlRequest } from './control-request.ts';

/** Longer ones are nobody's name, and may take long to match. */
const LONGEST_PATTERN = 256;

type Matcher = (name: string, pattern: string) => boolean;

const matchers: Readonly<Record<string, Matcher>> = {
  glob: (name, pattern) => globExpression(pattern).test(name),
  pcre: (name, pattern) => new RegExp(`^(?:${pattern})`, 's').test(name),
};

type Addressed = Pick<ControlRequest, 'destination' | 'pattern' | 'matcher'>;

/** A pattern that cannot be read is for nobody. */
export function isForNode({ destination, pattern, matcher }: Addressed, nodeName: string): boolean {
  if (destination !== undefined) return destination.includes(nodeName);
  if (pattern === undefined || matcher === undefined) return true;
  if (!Object.hasOwn(matchers, matcher) || pattern.length > LONGEST_PATTERN) return false;
  try {
    return matchers[matcher]?.(nodeName, pattern) ?? false;
  } catch {
    return false; // no regular expression
  }
}

/** As Python's fnmatch: `*`, `?`, `[seq]`, `[!seq]`. */
function globExpression(pattern: string): RegExp {
  const source = pattern.replaceAll(/\[!?\]?[^\]]*\]|[\s\S]/g, (part) => {
    if (part === '*') return '.*';
    if (part === '?') return '.';
    if (part.length === 1) return part.replace(/[\\^$.|+()[\]{}]/, '\\$&');
    const set = part.slice(1, -1).replaceAll('\\', '\\\\').replaceAll('[', '\\[');
    return `[${set.startsWith('!') ? `^${set.slice(1)}` : set.replace(/^\^/, '\\^')}]`;
  });
  return new RegExp(`^${source}$`, 's');
}
