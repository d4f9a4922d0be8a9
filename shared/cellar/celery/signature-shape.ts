/** Whether values are signatures in Celery's JSON form, those inside workflows included. */
import type { WireSignature } from '../message.ts';

/** Levels of workflows in workflows. */
const MAX_DEPTH = 50;

export function isSignatureList(value: unknown, depth = 0): value is readonly WireSignature[] {
  return Array.isArray(value) && value.every((item) => isSignature(item, depth));
}

export function isSignature(value: unknown, depth = 0): value is WireSignature {
  return (
    isRecord(value) &&
    typeof value.task === 'string' &&
    Array.isArray(value.args) &&
    isRecord(value.kwargs) &&
    isRecord(value.options) &&
    depth <= MAX_DEPTH &&
    hasParts(value.subtask_type, value.kwargs, depth + 1)
  );
}

function hasParts(type: unknown, { tasks, header, body }: Readonly<Record<string, unknown>>, depth: number): boolean {
  switch (type) {
    case 'chain':
    case 'group':
      return isSignatureList(tasks, depth);
    case 'chord':
      return (isSignatureList(header, depth) || isSignature(header, depth)) && isSignature(body, depth);
    default:
      return true;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
