/** Captures of a real Celery worker: events, requests and replies of remote control. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

interface Captured {
  readonly exchange: string;
  readonly routing_key: string;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, unknown>>;
}

type Fields = Readonly<Record<string, unknown>>;

interface Capture {
  readonly replies: readonly {
    readonly method: string;
    readonly arguments: Fields;
    readonly reply: readonly [Captured & { readonly body: Readonly<Record<'w1@test', unknown>> }];
  }[];
  readonly events_startup: readonly (Captured & { readonly body: Fields })[];
  readonly pidbox_from_inspect_ping: readonly [Captured & { readonly body: Fields }];
  readonly redis_results: Readonly<
    Record<string, { readonly events: readonly (Captured & { readonly body: Fields | readonly Fields[] })[] }>
  >;
}

const file = fileURLToPath(new URL('../../golden/worker-redis-events-pidbox-prefork.json', import.meta.url));
export const golden: Capture = JSON.parse(readFileSync(file, 'utf8'));

/** The tasks' events of one captured case. */
export function capturedTaskEvents(name: string): readonly Fields[] {
  return (golden.redis_results[name]?.events ?? [])
    .flatMap(({ body }) => body)
    .filter(({ type }) => String(type).startsWith('task-'));
}

/** What a value is, without what it says: names of fields and kinds of values, at every depth. */
export function shapeOf(value: unknown): unknown {
  if (value === null) return 'null';
  if (Array.isArray(value)) return value.map(shapeOf);
  if (typeof value !== 'object') return typeof value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, item]) => [key, shapeOf(item)] as const)
      .sort(([left], [right]) => (left < right ? -1 : 1)),
  );
}
