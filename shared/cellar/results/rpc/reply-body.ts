/** A state as the message that Celery's `rpc://` backend sends (celery/backends/rpc.py, `_to_result`). */
import { encodeException, NamedException } from '../../exception.ts';
import type { ResultUpdate, StoredResult } from '../../result-store.ts';
import { decodeMeta } from '../task-meta.ts';
import type { Reply } from './replies.ts';

const CONTENT_TYPE = 'application/json';

export function replyOf({ id, state, result, traceback, children = [] }: ResultUpdate): Reply {
  const members = [
    `"task_id":${JSON.stringify(id)}`,
    `"status":${JSON.stringify(state)}`,
    `"result":${result}`,
    `"traceback":${JSON.stringify(traceback ?? null)}`,
    `"children":${JSON.stringify(children.map((child) => [[child, null], null]))}`,
  ];
  return { correlationId: id, contentType: CONTENT_TYPE, body: `{${members.join(',')}}` };
}

/** What a reply says; one that cannot be read is a failure for who waits for its task. */
export function resultOf({ correlationId, contentType, body }: Reply, nowMs: number): StoredResult {
  try {
    if (contentType !== CONTENT_TYPE) throw new Error(`its content type is ${contentType}, allowed: ${CONTENT_TYPE}`);
    return decodeMeta(correlationId, body, nowMs);
  } catch (error) {
    const text = `the result of task ${correlationId} came and cannot be read: ${String(error)}`;
    const failure = encodeException(new NamedException('DecodeError', text));
    return decodeMeta(correlationId, `{"status":"FAILURE","result":${failure}}`, nowMs);
  }
}
