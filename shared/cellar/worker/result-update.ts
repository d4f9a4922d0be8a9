/** What is stored of a run when its task changes state. */

import type { OutgoingMessage, PeekedMessage } from '../broker.ts';
import { encodeJson } from '../celery/tagged-json.ts';
import { encodeException, NamedException } from '../exception.ts';
import { decodeMessage, generationOf } from '../message.ts';
import type { ResultUpdate } from '../result-store.ts';
import type { Execution } from './execution.ts';
import { fitting } from './fitting.ts';

/** The part of an update that the outcome decides. */
export interface StateChange {
  readonly state: string;
  /** Encoded JSON. */
  readonly result: string;
  readonly traceback?: string;
  readonly children?: readonly string[];
  readonly outbox?: readonly OutgoingMessage[];
  readonly startedAtMs?: number;
  readonly doneAtMs?: number;
}

/**
 * An update of this run's task.
 * @throws CellarError `message-too-large` when the store cannot hold it
 */
export function updateOf(execution: Execution, change: StateChange): ResultUpdate {
  const { id, message, delivery, retries, generation, receivedAtMs, environment } = execution;
  const { headers } = message;
  const update = {
    id,
    attempt: { retries, generation },
    task: headers.task,
    args: shownJson(message.args, headers.argsrepr),
    kwargs: shownJson(message.kwargs, headers.kwargsrepr),
    queue: delivery.queue,
    worker: environment.workerName,
    rootId: headers.root_id,
    receivedAtMs,
    ...(headers.parent_id === null ? undefined : { parentId: headers.parent_id }),
    ...(headers.group === null ? undefined : { groupId: headers.group }),
    ...(delivery.message.replyTo === undefined ? undefined : { replyTo: delivery.message.replyTo }),
    ...change,
  };
  return fitting(update, environment.results.maxUpdateBytes);
}

/** Arguments for people who look: a value that was received and cannot be written again (1e400) is shown as text. */
export function shownJson(value: unknown, representation: unknown): string {
  try {
    return encodeJson(value);
  } catch {
    return JSON.stringify(String(representation)); // it failed or ran already; what is stored of it must not matter
  }
}

/** REVOKED, with what the deleted message says of the task. */
export function revokedUpdate(id: string, { message, queue }: PeekedMessage, nowMs: number): ResultUpdate {
  const decoded = decodeMessage(message);
  const { headers, args, kwargs } = decoded.ok ? decoded.message : { headers: undefined, args: [], kwargs: {} };
  return {
    id,
    state: 'REVOKED',
    result: encodeException(new NamedException('TaskRevokedError', 'revoked')),
    attempt: { retries: headers?.retries ?? 0, generation: generationOf(message.headers) },
    task: headers?.task ?? '',
    args: shownJson(args, '[]'),
    kwargs: shownJson(kwargs, '{}'),
    queue,
    worker: '',
    ...(headers === undefined ? undefined : { rootId: headers.root_id }),
    ...(headers?.parent_id ? { parentId: headers.parent_id } : undefined),
    doneAtMs: nowMs,
  };
}
