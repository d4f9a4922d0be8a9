/** What is stored of tasks that will never run, for those who wait on them. */
import { plainSignatures } from '../celery/canvas/parts.ts';
import type { WireSignature } from '../message.ts';
import type { ResultUpdate } from '../result-store.ts';
import type { Execution } from './execution.ts';
import { fitting } from './fitting.ts';
import { type StateChange, shownJson } from './result-update.ts';

/**
 * The attempt of a task that never began: below every attempt, so that a redrive that gets as far as this task after
 * all runs it, and what it ends with replaces what is stored here.
 */
const NEVER_BEGUN = { retries: 0, generation: -1 };

/** Updates of the tasks in these signatures that have ids: they end so because of this run. */
export function abandonedUpdates(
  { id, message, environment }: Execution,
  signatures: readonly WireSignature[],
  { state, result, doneAtMs }: StateChange,
): readonly ResultUpdate[] {
  return signatures.flatMap(plainSignatures).flatMap(({ task, args, kwargs, options }): readonly ResultUpdate[] => {
    const { task_id: taskId, queue = environment.queueOf(task), ignore_result: ignored, reply_to: replyTo } = options;
    if (typeof taskId !== 'string' || ignored === true) return [];
    const update: ResultUpdate = {
      id: taskId,
      state,
      result,
      attempt: NEVER_BEGUN,
      task,
      args: shownJson(args, '[]'),
      kwargs: shownJson(kwargs, '{}'),
      queue: String(queue),
      worker: environment.workerName,
      parentId: id,
      rootId: message.headers.root_id,
      ...(typeof replyTo === 'string' ? { replyTo } : undefined),
      ...(doneAtMs === undefined ? undefined : { doneAtMs }),
    };
    return [fitting(update, environment.results.maxUpdateBytes)];
  });
}
