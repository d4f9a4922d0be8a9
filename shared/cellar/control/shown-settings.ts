/** The settings as a monitor shows them: Celery's spelling, no passwords. */
import type { Settings } from '../settings.ts';

const NOT_SETTINGS = new Set(['warnings']);

/** Name in Celery's spelling → value; null where it is not set. */
export function shownSettings(settings: Settings): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(settings)
      .filter(([name]) => !NOT_SETTINGS.has(name))
      .map(([name, value]) => [celeryName(name), typeof value === 'string' ? withoutPassword(value) : (value ?? null)]),
  );
}

/** `brokerUrl` → `broker_url`, `taskTimeLimitSeconds` → `task_time_limit`. */
function celeryName(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`).replace(/_seconds$/, '');
}

/** Asterisks in the place of a URL's password, and nothing of its query, which may hold one too. */
function withoutPassword(text: string): string {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return text;
  return text.replace(/^([^:]+:\/\/[^:/@]*:)[^/]*@/, '$1********@').replace(/\?.*$/s, '');
}
