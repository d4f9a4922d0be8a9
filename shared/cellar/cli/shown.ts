/** How values of tasks are written for people. */
import { decodeJson, encodeJson } from '../celery/tagged-json.ts';
import { errorOfStored } from '../exception.ts';
import type { TaskState } from '../result-store.ts';

/** Whose result is an exception (celery/states.py EXCEPTION_STATES). */
const EXCEPTION_STATES: ReadonlySet<TaskState> = new Set(['RETRY', 'FAILURE', 'REVOKED']);

/** `2026-11-23 20:44:02`, in the zone. */
export function shownTime(ms: number | undefined, timeZone: string): string | undefined {
  if (ms === undefined) return undefined;
  return new Date(ms).toLocaleString('sv-SE', { timeZone });
}

/** `340 ms`, `1.25 s`, `2 min 5 s`, `3 h 10 min`, `2 d 4 h`. */
export function shownDuration(ms: number | undefined): string | undefined {
  if (ms === undefined) return undefined;
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${Math.round(ms / 10) / 100} s`;
  const seconds = Math.floor(ms / 1_000);
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)} h ${Math.floor((seconds % 3_600) / 60)} min`;
  return `${Math.floor(seconds / 86_400)} d ${Math.floor((seconds % 86_400) / 3_600)} h`;
}

/** A call's arguments as Python writes them: `42, note="quick"`; `?` where they cannot be read. */
export function shownArguments(args: string, kwargs: string): string {
  const positional = decodedOr(args, undefined);
  const named = decodedOr(kwargs, undefined);
  if (!Array.isArray(positional) || typeof named !== 'object' || named === null) return '?';
  const pairs = Object.entries(named).map(([name, value]) => `${name}=${encodeJson(value)}`);
  return [...positional.map((value) => encodeJson(value)), ...pairs].join(', ');
}

/** A stored result in one line: JSON as it is stored, an exception as `Name: message`. */
export function shownResult(state: TaskState, result: string | undefined): string | undefined {
  if (result === undefined || !EXCEPTION_STATES.has(state)) return result;
  const stored = decodedOr(result, undefined);
  return stored === undefined ? result : errorOfStored(state, stored).message;
}

/** Encoded JSON as a value, to be put into other JSON; text that nobody can decode stays text. */
export function decodedOr<Fallback>(text: string, fallback: Fallback): unknown {
  try {
    return decodeJson(text);
  } catch {
    return fallback;
  }
}
