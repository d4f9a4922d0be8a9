/** What is stored of a run when its task changes state. */
import { encodeJson } from '../celery/tagged-json.ts';
import type { ResultUpdate } from '../result-store.ts';
import type { Execution } from './execution.ts';

/** The part of an update that the outcome decides. */
export interface StateChange {
  readonly state: string;
  /** Encoded JSON. */
  readonly result: string;
  readonly traceback?: string;
  readonly children?: readonly string[];
  readonly startedAtMs?: number;
  readonly doneAtMs?: number;
}

/** An update of this run's task. */
export function updateOf(execution: Execution, change: StateChange): ResultUpdate {
  const { id, message, delivery, retries, generation, receivedAtMs, environment } = execution;
  const { headers } = message;
  return {
    id,
    attempt: { retries, generation },
    task: headers.task,
    args: encodeJson(message.args),
    kwargs: encodeJson(message.kwargs),
    queue: delivery.queue,
    worker: environment.workerName,
    rootId: headers.root_id,
    receivedAtMs,
    ...(headers.parent_id === null ? undefined : { parentId: headers.parent_id }),
    ...(headers.group === null ? undefined : { groupId: headers.group }),
    ...change,
  };
}
