import type { Headers } from '../../broker.ts';

/**
 * What the headers of many messages have in common, so that a message stores only where it differs.
 *
 * Celery's protocol sends some twenty headers with each task, most of them null; that is more than the body.
 */
export interface HeaderTemplate {
  /** The common headers as JSON, in a form that is the same for all messages that have them in common. */
  readonly text: string;
  readonly headers: Headers;
  /** How each value compares: itself when it is no object, else its JSON. */
  readonly comparable: ReadonlyMap<string, unknown>;
}

/** Headers whose text is the same for all messages of a task. */
const CONSTANT_KEYS: ReadonlySet<string> = new Set(['task', 'lang']);
/** Collections that mean "nothing", as Celery sends them. */
const EMPTY_COLLECTIONS: ReadonlySet<string> = new Set(['{}', '[]', '[null,null]']);

/** The template that fits these headers best: their values that are likely to come again. */
export function templateOf(headers: Headers): HeaderTemplate {
  const common = Object.entries(headers).filter(
    ([key, value]) => key !== '__proto__' && isLikelyToComeAgain(key, value),
  );
  return parseTemplate(JSON.stringify(Object.fromEntries(common)));
}

export function parseTemplate(text: string): HeaderTemplate {
  const headers: Headers = JSON.parse(text);
  const entries = Object.entries(headers);
  // Every message that is read shares these values.
  for (const [, value] of entries) Object.freeze(value);
  return { text, headers, comparable: new Map(entries.map(([key, value]) => [key, comparableOf(value)])) };
}

/** The headers that differ from the template, as JSON; undefined when one of the template's is missing. */
export function differenceFrom(template: HeaderTemplate, headers: Headers): string | undefined {
  const { comparable } = template;
  const different: Record<string, unknown> = {};
  let known = 0;
  for (const key in headers) {
    const value = headers[key];
    if (value === undefined) continue;
    if (key === '__proto__') return undefined;
    const common = comparable.get(key);
    if (common !== undefined) known++;
    if (common !== comparableOf(value)) different[key] = value;
  }
  return known === comparable.size ? JSON.stringify(different) : undefined;
}

/** The headers of a message that was stored as a difference. */
export function applyDifference(template: HeaderTemplate, difference: string): Headers {
  return { ...template.headers, ...JSON.parse(difference) };
}

function isLikelyToComeAgain(key: string, value: unknown): boolean {
  if (value === null || value === 0 || value === '' || typeof value === 'boolean') return true;
  if (typeof value === 'object') return EMPTY_COLLECTIONS.has(JSON.stringify(value));
  return CONSTANT_KEYS.has(key) && typeof value === 'string';
}

function comparableOf(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : value;
}
