/** What is stored of a run when its task changes state. */

import type { OutgoingMessage, PeekedMessage } from '../broker.ts';
import { encodeJson } from '../celery/tagged-json.ts';
import { encodeException, NamedException } from '../exception.ts';
import { decodeMessage, generationOf, type WireSignature } from '../message.ts';
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

/**
 * The attempt of a step that never began: below every attempt, so that a redrive that gets as far as this step after
 * all runs it, and what it ends with replaces what is stored here.
 */
const NEVER_BEGUN = { retries: 0, generation: -1 };

/** Updates of the steps behind this one in its chain that have ids: they end as it did, for those who wait on the last. */
export function abandonedSteps(execution: Execution, change: StateChange): readonly ResultUpdate[] {
  const { id, message, environment } = execution;
  const common = {
    attempt: NEVER_BEGUN,
    worker: environment.workerName,
    parentId: id,
    rootId: message.headers.root_id,
  };
  const updateOfStep = ({ task, args, kwargs, options }: WireSignature): readonly ResultUpdate[] => {
    const { task_id: stepId, queue = environment.queueOf(task), ignore_result: ignored } = options;
    if (typeof stepId !== 'string' || ignored === true) return [];
    const { state, result, doneAtMs } = change;
    const { maxUpdateBytes } = environment.results;
    const shown = { task, args: shownJson(args, '[]'), kwargs: shownJson(kwargs, '{}'), queue: String(queue) };
    const update = { ...common, ...shown, id: stepId, state, result };
    return [fitting({ ...update, ...(doneAtMs === undefined ? undefined : { doneAtMs }) }, maxUpdateBytes)];
  };
  return (message.embed.chain ?? []).toReversed().flatMap(updateOfStep);
}

/** Arguments for people who look: a value that was received and cannot be written again (1e400) is shown as text. */
function shownJson(value: unknown, representation: unknown): string {
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
