/** One task, as `result` and `send --wait` print it. */
import type { TaskView } from '../inspect/task-view.ts';
import type { CommandContext } from './command.ts';
import type { ExitCode } from './exit-code.ts';
import { decodedOr, shownArguments, shownDuration, shownResult, shownTime } from './shown.ts';
import { fieldList } from './table.ts';

/** A task with its arguments and result as values, for JSON. */
export function taskJson({ args, kwargs, result, ...task }: TaskView): object {
  return {
    ...task,
    args: decodedOr(args, args),
    kwargs: decodedOr(kwargs, kwargs),
    ...(result === undefined ? undefined : { result: decodedOr(result, result) }),
  };
}

/** Prints a task; 1 when it failed or was revoked. */
export function reportTask({ output, common }: CommandContext, task: TaskView, timeZone: string): ExitCode {
  if (common.json) output.json(taskJson(task));
  else output.text(fieldList(fieldsOf(task, timeZone)) + tracebackOf(task));
  return task.state === 'FAILURE' || task.state === 'REVOKED' ? 1 : 0;
}

function fieldsOf(task: TaskView, timeZone: string): Readonly<Record<string, string | number | undefined>> {
  return {
    id: task.id,
    task: task.task,
    state: task.revoked === true && task.state === 'PENDING' ? 'PENDING, to be revoked' : task.state,
    queue: task.queue,
    args: `(${shownArguments(task.args, task.kwargs)})`,
    result: shownResult(task.state, task.result),
    reason: task.reason,
    retries: task.retries > 0 ? task.retries : undefined,
    sent: shownTime(task.enqueuedAtMs, timeZone),
    due: shownTime(task.dueAtMs, timeZone),
    received: shownTime(task.receivedAtMs, timeZone),
    started: shownTime(task.startedAtMs, timeZone),
    done: shownTime(task.doneAtMs, timeZone),
    runtime: shownDuration(task.runtimeMs),
    worker: task.worker,
  };
}

/** The task's own traceback, line by line; its control characters are left out. */
function tracebackOf({ traceback }: TaskView): string {
  if (traceback === undefined) return '';
  return `\n${traceback.replaceAll(/[^\P{Cc}\n]/gu, '').trimEnd()}\n`;
}
