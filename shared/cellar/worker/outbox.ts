/**
 * What a handler sends: buffered, and published with the acknowledgement when the handler has succeeded.
 * Ids are derived from (parent id, position), so that a replay sends the same ids and brokers that
 * deduplicate drop the second.
 */
import type { OutgoingMessage } from '../broker.ts';
import { CellarError } from '../errors.ts';
import { derivedId } from '../ids.ts';
import { type Embed, HOPS_HEADER, hopsOf } from '../message.ts';
import { attemptKey, outgoingMessage } from '../outgoing.ts';
import type { SendOptions, SignatureData } from '../signature.ts';
import { throughExchange } from '../through-exchange.ts';
import { checkCarried } from './check-carried.ts';
import type { Execution } from './execution.ts';

export interface Outbox {
  readonly messages: OutgoingMessage[];
  readonly childIds: string[];
}

/** Adds one child to the outbox (made when the first is sent); answers its id. */
export function addChild(
  execution: Execution,
  outbox: Outbox,
  signature: SignatureData,
  options?: SendOptions,
): string {
  const message = childMessage(execution, signature, { step: `child:${outbox.childIds.length}`, options });
  outbox.messages.push(message);
  outbox.childIds.push(message.correlationId);
  return message.correlationId;
}

/** As {@link addChild}, through an exchange. */
export function addPublication(
  execution: Execution,
  outbox: Outbox,
  signature: SignatureData,
  target: { readonly exchange: string; readonly routingKey: string; readonly options?: SendOptions | undefined },
): string {
  const step = `child:${outbox.childIds.length}`;
  const { environment } = execution;
  const isDirect = target.exchange === '';
  const options = isDirect ? { ...target.options, queue: target.routingKey } : target.options;
  const direct = childMessage(execution, signature, { step, options });
  const { message } = throughExchange(direct, target, environment.topology);
  if (!isDirect) checkCarried(message, environment.capabilities, environment.runtime.clock.now());
  outbox.messages.push(message);
  outbox.childIds.push(direct.correlationId);
  return direct.correlationId;
}

/**
 * A message sent by this run: `step` makes its id unless the signature fixes one.
 * @throws CellarError as `Cellar.send`
 */
export function childMessage(
  execution: Execution,
  signature: SignatureData,
  {
    step,
    options,
    chain,
  }: { readonly step: string; readonly options?: SendOptions | undefined; readonly chain?: Embed['chain'] | undefined },
): OutgoingMessage {
  const { environment, message } = execution;
  const merged = options === undefined ? signature : { ...signature, options: { ...signature.options, ...options } };
  if (environment.topology.queues[merged.options.queue] === undefined) {
    throw new CellarError(
      'unknown-queue',
      `task ${signature.task} goes to the queue ${merged.options.queue}, which the topology does not declare`,
    );
  }
  const id = merged.options.taskId ?? derivedId(execution.id, step);
  const { root_id: rootId } = message.headers;
  const place = { id, rootId, parentId: execution.id, deduplicationId: attemptKey(id, 0, 0), chain: chain ?? null };
  const nowMs = environment.runtime.clock.now();
  const child = outgoingMessage(merged, place, { nowMs, name: environment.origin });
  const counted = { ...child, headers: { ...child.headers, [HOPS_HEADER]: hopsOf(message.headers) + 1 } };
  checkCarried(counted, environment.capabilities, nowMs);
  return counted;
}
