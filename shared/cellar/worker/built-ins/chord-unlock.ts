/**
 * celery.chord_unlock: looks after the parts of a chord, for producers whose result backend cannot count them
 * (celery/app/builtins.py, `unlock_chord`). It runs again each second until all have ended.
 */
import { endsOf, listOption } from '../../celery/canvas/parts.ts';
import { shownException } from '../../celery/shown-exception.ts';
import { isSignature } from '../../celery/signature-shape.ts';
import { decodeJson } from '../../celery/tagged-json.ts';
import { encodeException, NamedException } from '../../exception.ts';
import type { WireSignature } from '../../message.ts';
import { isReady } from '../../result-precedence.ts';
import type { StoredResult } from '../../result-store.ts';
import { abandonedUpdates } from '../abandoned.ts';
import { failedBodyOf } from '../inline-errbacks.ts';
import { isCalledInline } from '../workflow.ts';
import { type BuiltIn, type BuiltInRun, named } from './built-in.ts';
import { callTask } from './call-task.ts';
import { idsIn, type ResultTree, treeOf } from './result-tuples.ts';

/** Celery's result_chord_retry_interval. */
const INTERVAL_SECONDS = 1;

export const unlockChord: BuiltIn = async (run) => {
  const { call, context, execution, send } = run;
  const {
    callback,
    interval,
    max_retries: most,
    result,
  } = named(call, 'group_id', 'callback', 'interval', 'max_retries', 'result');
  const trees = Array.isArray(result) ? result.map(treeOf) : [undefined];
  if (!isSignature(callback)) throw new TypeError('callback is no signature');
  if (!trees.every((tree) => tree !== undefined)) throw new TypeError('result is no list of results');
  const ids = trees.flatMap(idsIn);
  const { results } = execution.environment;
  const found = new Map((await results.get(ids)).map((stored, index) => [ids[index] ?? '', stored]));
  if (!ids.every((id) => isReady(found.get(id)?.state ?? 'PENDING'))) {
    const countdown = typeof interval === 'number' ? interval : INTERVAL_SECONDS;
    return context.retry({ countdown, maxRetries: typeof most === 'number' ? most : null });
  }
  const culprit = ids.find((id) => found.get(id)?.state !== 'SUCCESS');
  if (culprit === undefined) send(callback, [trees.map((tree) => resultOf(tree, found))]);
  else await failBody(run, callback, `Dependency ${culprit} raised ${shownException(found.get(culprit)?.result)}`);
  return null;
};

/** As a body whose parts are counted fails. */
async function failBody(run: BuiltInRun, callback: WireSignature, reason: string): Promise<void> {
  const { execution, send } = run;
  const { results, runtime } = execution.environment;
  const result = encodeException(new NamedException('ChordError', reason));
  const change = { state: 'FAILURE', result, doneAtMs: runtime.clock.now() };
  await results.store(abandonedUpdates(execution, [callback], change));
  for (const end of endsOf(callback)) {
    const failed = failedBodyOf(end, execution);
    for (const errback of listOption(end, 'link_error')) {
      if (isCalledInline(execution, errback)) await callTask(run, errback, [failed, decodeJson(result), null]);
      else send(errback, [failed.id]);
    }
  }
}

function resultOf(tree: ResultTree, found: ReadonlyMap<string, StoredResult | undefined>): unknown {
  if (typeof tree !== 'string') return tree.map((part) => resultOf(part, found));
  return decodeJson(found.get(tree)?.result ?? 'null');
}
