/** How a node describes a task that it holds (celery/worker/request.py `info`). */
import type { Delivery } from '../broker.ts';
import { decodeMessage } from '../message.ts';
import { type Execution, taskIdOf } from '../worker/execution.ts';
import type { WorkerNode } from './worker-node.ts';

export interface InfoOptions {
  /** Arguments as their representation instead of as values. */
  readonly isSafe: boolean;
}

/** One that runs. */
export function activeInfo({ delivery, message, id, receivedAtMs }: Execution, node: WorkerNode, options: InfoOptions) {
  const { task, argsrepr, kwargsrepr } = message.headers;
  return {
    ...common(delivery, node, { id, task }),
    args: options.isSafe ? argsrepr : message.args,
    kwargs: options.isSafe ? kwargsrepr : message.kwargs,
    time_start: receivedAtMs / 1000,
    worker_pid: node.pid,
  };
}

/** One that waits for its turn. Its body was not read yet; where it cannot be, its representations are shown. */
export function waitingInfo(delivery: Delivery, node: WorkerNode, options: InfoOptions) {
  const { headers } = delivery.message;
  const decoded = options.isSafe ? undefined : decodeMessage(delivery.message);
  const [args, kwargs] =
    decoded?.ok === true
      ? [decoded.message.args, decoded.message.kwargs]
      : [headers.argsrepr ?? '', headers.kwargsrepr ?? ''];
  return {
    ...common(delivery, node, { id: taskIdOf(delivery), task: headers.task ?? null }),
    args,
    kwargs,
    time_start: null,
    worker_pid: null,
  };
}

function common(delivery: Delivery, node: WorkerNode, { id, task }: { readonly id: string; readonly task: unknown }) {
  const { exchange = '', routingKey = delivery.queue, priority = 0, deliveryCount } = delivery;
  return {
    id,
    name: task,
    type: task,
    hostname: node.name,
    acknowledged: false,
    delivery_info: { exchange, routing_key: routingKey, priority, redelivered: deliveryCount > 1 },
  };
}
