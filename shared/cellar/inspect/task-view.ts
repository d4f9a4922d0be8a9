/** A task as a person sees it: what is stored of it, and where its message waits. */
import type { PeekedMessage } from '../broker.ts';
import { encodeJson } from '../celery/tagged-json.ts';
import { decodeMessage, generationOf } from '../message.ts';
import { compareAttempts, isReady } from '../result-precedence.ts';
import type { StoredResult, TaskState } from '../result-store.ts';

export interface TaskView {
  readonly id: string;
  /** The task's name; `''` where the message has none. */
  readonly task: string;
  /** The stored state; of a message with nothing stored PENDING, RECEIVED (a worker has it) or FAILURE (dead). */
  readonly state: TaskState;
  readonly queue: string;
  /** Where its message is, if there is one. */
  readonly place?: PeekedMessage['place'];
  /** Encoded JSON; `''` where the body cannot be read. */
  readonly args: string;
  readonly kwargs: string;
  /** Encoded JSON of the return value, the exception or the meta of a custom state. */
  readonly result?: string;
  readonly traceback?: string;
  readonly worker?: string;
  readonly retries: number;
  readonly generation: number;
  readonly messageGroup?: string;
  readonly parentId?: string;
  readonly rootId?: string;
  readonly groupId?: string;
  readonly children?: readonly string[];
  readonly enqueuedAtMs?: number;
  readonly dueAtMs?: number;
  readonly receivedAtMs?: number;
  readonly startedAtMs?: number;
  readonly doneAtMs?: number;
  /** From started to done. */
  readonly runtimeMs?: number;
  /** Why it is dead. */
  readonly reason?: string;
  readonly diedAtMs?: number;
  /** Asked to be dropped; a worker that meets it does not run it. */
  readonly revoked?: true;
  /** The latest of its times. */
  readonly changedAtMs: number;
}

/** What is known of one task; at least one of the two is there. */
export interface TaskSources {
  readonly stored?: StoredResult | undefined;
  readonly peeked?: PeekedMessage | undefined;
  readonly revoked?: boolean;
}

/** Joins what is stored of a task with its message; `undefined` when there is neither. */
export function taskView({ stored, peeked, revoked = false }: TaskSources): TaskView | undefined {
  if (stored === undefined && peeked === undefined) return undefined;
  const mark = revoked && peeked !== undefined && peeked.place !== 'dead' ? { revoked: true as const } : undefined;
  if (stored === undefined) return peeked === undefined ? undefined : { ...viewOfMessage(peeked), ...mark };
  if (peeked === undefined) return viewOfStored(stored);
  const message = viewOfMessage(peeked);
  // A redriven task waits again, whatever its last attempt left.
  if (isReady(stored.state) && compareAttempts(message, stored.attempt) > 0) return { ...message, ...mark };
  const { state: stateOfPlace, changedAtMs, args, kwargs, ...place } = message;
  const view = viewOfStored(stored);
  // A dead message runs no more, even if its worker died before it could say so.
  const state = peeked.place === 'dead' && !isReady(view.state) ? stateOfPlace : view.state;
  return { ...place, ...view, ...mark, state, changedAtMs: Math.max(view.changedAtMs, changedAtMs) };
}

function viewOfStored({ attempt, updatedAtMs, ...stored }: StoredResult): TaskView {
  const { startedAtMs, doneAtMs } = stored;
  const ran = startedAtMs !== undefined && doneAtMs !== undefined;
  return {
    ...stored,
    ...attempt,
    ...(ran ? { runtimeMs: Math.max(0, doneAtMs - startedAtMs) } : undefined),
    changedAtMs: updatedAtMs,
  };
}

const STATE_OF_PLACE: Readonly<Record<PeekedMessage['place'], TaskState>> = {
  ready: 'PENDING',
  delayed: 'PENDING',
  inFlight: 'RECEIVED',
  dead: 'FAILURE',
};

function viewOfMessage(peeked: PeekedMessage): TaskView {
  const { message, place, queue, enqueuedAtMs, diedAtMs } = peeked;
  const { headers } = message;
  const { messageGroup, dueAtMs, reason } = peeked;
  const decoded = decodeMessage(message);
  return {
    id: message.correlationId,
    task: textOf(headers.task) ?? '',
    state: STATE_OF_PLACE[place],
    queue,
    place,
    args: decoded.ok ? encodeJson(decoded.message.args) : '',
    kwargs: decoded.ok ? encodeJson(decoded.message.kwargs) : '',
    retries: typeof headers.retries === 'number' ? headers.retries : 0,
    generation: generationOf(headers),
    enqueuedAtMs,
    ...defined({
      messageGroup,
      dueAtMs,
      reason,
      diedAtMs,
      parentId: textOf(headers.parent_id),
      rootId: textOf(headers.root_id),
      groupId: textOf(headers.group),
    }),
    changedAtMs: Math.max(enqueuedAtMs, diedAtMs ?? 0),
  };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

type Defined<Value extends object> = { [Key in keyof Value]?: Exclude<Value[Key], undefined> };

function defined<Value extends object>(value: Value): Defined<Value> {
  const copy: Defined<Value> = { ...value } as Defined<Value>;
  for (const key in copy) if (copy[key] === undefined) delete copy[key];
  return copy;
}
