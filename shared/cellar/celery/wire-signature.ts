/** Signatures in Celery's JSON form, as they travel inside a message (celery/canvas.py). */
import type { WireSignature } from '../message.ts';
import type { AnySignature, SendOptions, SignatureData } from '../signature.ts';
import { isoDate, timeOfIso } from './tagged-json.ts';

/** A signature as Celery writes it; `taskId` fixes the id it will run under. */
export function toWireSignature(signature: AnySignature, taskId?: string): WireSignature {
  const { task, args, kwargs, options, immutable } = signature;
  return {
    task,
    args,
    kwargs,
    options: wireOptions(taskId === undefined ? options : { ...options, taskId }),
    subtask_type: null,
    // With all its arguments it has no place for a parent's result.
    immutable: immutable || signature.complete,
  };
}

/** Our option → Celery's apply_async keyword; the two of SQS are spelled as kombu's SQS transport reads them. */
const OPTION_NAMES = {
  queue: 'queue',
  taskId: 'task_id',
  replyTo: 'reply_to',
  countdown: 'countdown',
  priority: 'priority',
  ignoreResult: 'ignore_result',
  timeLimitSeconds: 'time_limit',
  softTimeLimitSeconds: 'soft_time_limit',
  shadow: 'shadow',
  headers: 'headers',
  messageGroup: 'MessageGroupId',
  deduplicationId: 'MessageDeduplicationId',
} as const satisfies Partial<Record<keyof SendOptions, string>>;

function wireOptions(options: SendOptions): Record<string, unknown> {
  const wire: Record<string, unknown> = {};
  for (const [ours, theirs] of Object.entries(OPTION_NAMES)) {
    const value = options[ours as keyof typeof OPTION_NAMES];
    if (value !== undefined) wire[theirs] = value;
  }
  if (options.eta !== undefined) wire.eta = isoDate(options.eta);
  if (options.expires !== undefined) {
    wire.expires = typeof options.expires === 'number' ? options.expires : isoDate(options.expires);
  }
  if (options.link !== undefined) wire.link = options.link.map((item) => toWireSignature(item));
  if (options.linkError !== undefined) wire.link_error = options.linkError.map((item) => toWireSignature(item));
  return wire;
}

/** A signature read from a message, with the parent's result prepended unless it is immutable; `queueOf` where it names none. */
export function fromWireSignature(
  wire: WireSignature,
  prepend: readonly unknown[],
  queueOf: (task: string) => string,
): SignatureData {
  return {
    task: wire.task,
    args: wire.immutable ? wire.args : [...prepend, ...wire.args],
    kwargs: wire.kwargs,
    options: { queue: queueOf(wire.task), ...sendOptions(wire.options, queueOf) },
    immutable: wire.immutable,
  };
}

function sendOptions(wire: Readonly<Record<string, unknown>>, queueOf: (task: string) => string): SendOptions {
  const options: Record<string, unknown> = {};
  for (const [ours, theirs] of Object.entries(OPTION_NAMES)) {
    const value = wire[theirs];
    if (value !== undefined && value !== null) options[ours] = value;
  }
  for (const name of ['eta', 'expires']) {
    const value = wire[name];
    if (typeof value === 'string') options[name] = new Date(timeOfIso(value));
    else if (typeof value === 'number' || value instanceof Date) options[name] = value;
  }
  for (const [ours, theirs] of [
    ['link', 'link'],
    ['linkError', 'link_error'],
  ] as const) {
    const value = wire[theirs];
    if (Array.isArray(value))
      options[ours] = value.map((item: WireSignature) => ({
        ...fromWireSignature(item, [], queueOf),
        complete: false,
      }));
  }
  return options;
}
