/** Signatures in Celery's JSON form, as they travel inside a message (celery/canvas.py). */
import type { Work } from '../canvas.ts';
import type { WireSignature } from '../message.ts';
import type { Place } from '../outgoing.ts';
import type { AnySignature, SendOptions, SignatureData } from '../signature.ts';
import { COMPRESSIONS } from './compression.ts';
import { isoDate, timeOfIso } from './tagged-json.ts';

/** A signature, or a workflow as a signature of `celery.chain` and the like, as Celery writes it. */
export function toWireSignature(work: Work): WireSignature {
  if (!('kind' in work)) return plainSignature(work);
  const options = wireOptions(work.options);
  switch (work.kind) {
    case 'chain':
      return wireChain(work.steps.map(toWireSignature), options);
    case 'group':
      return wireGroup(work.members.map(toWireSignature), options);
    case 'chord':
      return wireChord(wireGroup(work.header.map(toWireSignature)), toWireSignature(work.body), options);
  }
}

function plainSignature({ task, args, kwargs, options, immutable, complete }: AnySignature): WireSignature {
  // With all its arguments it has no place for a parent's result.
  return { task, args, kwargs, options: wireOptions(options), subtask_type: null, immutable: immutable || complete };
}

type Options = WireSignature['options'];

export function wireChain(tasks: readonly WireSignature[], options: Options = {}): WireSignature {
  return { task: 'celery.chain', args: [], kwargs: { tasks }, options, subtask_type: 'chain', immutable: false };
}

export function wireGroup(tasks: readonly WireSignature[], options: Options = {}): WireSignature {
  return { task: 'celery.group', args: [], kwargs: { tasks }, options, subtask_type: 'group', immutable: false };
}

/** `header` is a group. */
export function wireChord(header: WireSignature, body: WireSignature, options: Options = {}): WireSignature {
  const kwargs = { kwargs: {}, header, body };
  return { task: 'celery.chord', args: [], kwargs, options, subtask_type: 'chord', immutable: false };
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
  compression: 'compression',
  headers: 'headers',
  messageGroup: 'MessageGroupId',
  deduplicationId: 'MessageDeduplicationId',
} as const satisfies Partial<Record<keyof SendOptions, string>>;

export function wireOptions(options: SendOptions): Record<string, unknown> {
  const wire: Record<string, unknown> = {};
  for (const [ours, theirs] of Object.entries(OPTION_NAMES)) {
    const value = options[ours as keyof typeof OPTION_NAMES];
    if (value !== undefined) wire[theirs] = value;
  }
  const { eta, expires, stamps, link, linkError } = options;
  if (eta !== undefined) wire.eta = isoDate(eta);
  if (expires !== undefined) wire.expires = typeof expires === 'number' ? expires : isoDate(expires);
  if (stamps !== undefined) Object.assign(wire, stamps, { stamped_headers: Object.keys(stamps) });
  if (link !== undefined) wire.link = link.map(toWireSignature);
  if (linkError !== undefined) wire.link_error = linkError.map(toWireSignature);
  return wire;
}

/** A task of a workflow, as it is sent. */
export interface TaskOfWire {
  readonly signature: SignatureData;
  /** Its place in the workflow; foreign signatures stay as they are. */
  readonly place: Place;
}

/** Reads a plain signature; `queueOf` where it names no queue. Its arguments are all that it is called with. */
export function taskOfWire(wire: WireSignature, queueOf: (task: string) => string): TaskOfWire {
  const { task, args, kwargs, immutable, options } = wire;
  const queue = typeof options.queue === 'string' ? options.queue : queueOf(routedAs(wire));
  return {
    signature: { task, args, kwargs, options: { ...sendOptions(options), queue }, immutable },
    place: placeOf(options),
  };
}

/** Celery routes a task over many items as the task that it calls. */
function routedAs({ task, kwargs }: WireSignature): string {
  const called = kwargs.task;
  const isOverItems = task === 'celery.map' || task === 'celery.starmap' || task === 'celery.chunks';
  return isOverItems && isObject(called) && 'task' in called ? String(called.task) : task;
}

function placeOf(options: Options): Place {
  const { group_id: groupId, group_index: groupIndex, replaced_task_nesting: nesting, chord } = options;
  return {
    ...(typeof groupId === 'string' ? { groupId } : undefined),
    ...(typeof groupIndex === 'number' ? { groupIndex } : undefined),
    ...(typeof nesting === 'number' ? { nesting } : undefined),
    callbacks: signaturesOf(options.link),
    errbacks: signaturesOf(options.link_error),
    chain: signaturesOf(options.chain),
    chord: isObject(chord) ? (chord as unknown as WireSignature) : null,
  };
}

/** A list of signatures; Celery takes one by itself for a list of one. */
function signaturesOf(value: unknown): readonly WireSignature[] | null {
  const list = Array.isArray(value) ? value : [value];
  const some = list.filter(isObject) as unknown as readonly WireSignature[];
  return some.length === 0 ? null : some;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function sendOptions(wire: Options): SendOptions {
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
  // One that is only read here is sent on as it is.
  if (!COMPRESSIONS.includes(String(options.compression))) delete options.compression;
  const stamped = wire.stamped_headers;
  if (Array.isArray(stamped)) options.stamps = Object.fromEntries(stamped.map((name) => [name, wire[name] ?? null]));
  return options;
}
