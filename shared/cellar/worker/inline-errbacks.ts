/** Calls errbacks in the worker whose task failed (celery/backends/base.py, `_call_task_errbacks`). Loaded when there are some. */
import { textOption } from '../celery/canvas/parts.ts';
import { decodeJson } from '../celery/tagged-json.ts';
import { describeError } from '../exception.ts';
import { derivedId } from '../ids.ts';
import type { WireSignature } from '../message.ts';
import { bindArguments } from './bind-arguments.ts';
import type { Execution } from './execution.ts';
import type { StateChange } from './result-update.ts';
import { type Followers, isCalledInline, together, wholeOutbox } from './workflow.ts';

/** The task that failed, as its errback is told of it; of a chord that failed its body. */
export interface FailedTask {
  readonly id: string;
  readonly task: string;
  readonly args: readonly unknown[];
  readonly kwargs: Readonly<Record<string, unknown>>;
  readonly rootId: string;
  readonly parentId: string | null;
  readonly retries: number;
}

type Failure = Pick<StateChange, 'result' | 'traceback'>;

export function failedTaskOf({ id, retries, message: { headers, args, kwargs } }: Execution): FailedTask {
  const { task, root_id: rootId, parent_id: parentId } = headers;
  return { id, task, args, kwargs, rootId, parentId, retries };
}

/** A chord's body never ran: the task that completed its header stands for its parent. */
export function failedBodyOf(body: WireSignature, { id: parentId, message }: Execution): FailedTask {
  const { task, args, kwargs } = body;
  const rootId = message.headers.root_id;
  return { id: textOption(body, 'task_id') ?? '', task, args, kwargs, rootId, parentId, retries: 0 };
}

/** What those among the errbacks sent that this worker calls. What they throw is logged: the failure stands as it is stored. */
export async function callErrbacks(
  execution: Execution,
  errbacks: readonly WireSignature[],
  { failed, failure }: { readonly failed: FailedTask; readonly failure: Failure },
): Promise<Followers> {
  const called: Followers[] = [];
  for (const [index, errback] of errbacks.entries()) {
    if (!isCalledInline(execution, errback)) continue;
    const id = derivedId(failed.id, `errback:${index}`);
    const given = [failed, decodeJson(failure.result), failure.traceback ?? null];
    called.push(await callOne(asErrback(execution, errback, { id, given })));
  }
  return together(called);
}

/** A run of the errback under an id of its own, with the message that failed. */
function asErrback(
  execution: Execution,
  { task, args, kwargs, immutable }: WireSignature,
  { id, given }: { readonly id: string; readonly given: readonly unknown[] },
): Execution {
  const { headers, embed } = execution.message;
  const own = { ...headers, id, task, parent_id: execution.id, timelimit: [null, null] as const };
  const message = { headers: own, args: immutable ? args : [...given, ...args], kwargs, embed };
  return { ...execution, id, retries: 0, message };
}

async function callOne(execution: Execution): Promise<Followers> {
  const { environment, message, id } = execution;
  const { task } = message.headers;
  const nothing = (why: string): Followers => {
    environment.log.error(`an errback failed: ${why}`, { task, id });
    return { messages: [], chords: [] };
  };
  const handler = environment.handlers.get(task);
  if (handler === undefined) return nothing('it has no handler here');
  const bound = bindArguments(handler.contract, message.args, message.kwargs);
  if (!bound.ok) return nothing(bound.problem);
  const { outcome, outbox } = await environment.pool.run(execution, handler, bound.args);
  if (outcome.kind !== 'succeeded')
    return nothing('error' in outcome ? describeError(outcome.error) : `it was ${outcome.kind}`);
  try {
    return wholeOutbox(execution, outbox);
  } catch (error) {
    return nothing(describeError(error));
  }
}
