/**
 * What a handler sends: buffered, and published with the acknowledgement when the handler has succeeded.
 * Ids are derived from (parent id, position), so that a replay sends the same ids and brokers that
 * deduplicate drop the second.
 */
import type { OutgoingMessage } from '../broker.ts';
import { type AnyCanvas, isCanvas, type Work, withOptions } from '../canvas.ts';
import { encodeJson } from '../celery/tagged-json.ts';
import { toWireSignature } from '../celery/wire-signature.ts';
import { CellarError } from '../errors.ts';
import { derivedId } from '../ids.ts';
import { HOPS_HEADER, hopsOf, type WireSignature } from '../message.ts';
import { attemptKey, outgoingMessage, type Place } from '../outgoing.ts';
import type { SendOptions, SignatureData } from '../signature.ts';
import { throughExchange } from '../through-exchange.ts';
import { checkCarried } from './check-carried.ts';
import type { Execution } from './execution.ts';

export interface Outbox {
  readonly messages: OutgoingMessage[];
  readonly childIds: string[];
  /** Workflows that were sent; they become messages when the run has succeeded. */
  canvases?: CanvasChild[];
}

export interface CanvasChild {
  /** How many messages were sent before it. */
  readonly at: number;
  readonly id: string;
  /** The JSON of its signature, and of the arguments that are put in front of its own. */
  readonly signature: string;
  readonly args?: string;
}

/** Adds one child to the outbox (made when the first is sent); answers its id: of a chain the last task's, of a chord the body's. */
export function addChild(execution: Execution, outbox: Outbox, work: Work, options?: SendOptions): string {
  const step = `child:${outbox.childIds.length}`;
  if (isCanvas(work)) {
    const child = canvasChild(execution, work, { step, options });
    outbox.canvases ??= [];
    outbox.canvases.push({ ...child, at: outbox.messages.length });
    outbox.childIds.push(child.id);
    return child.id;
  }
  const message = childMessage(execution, work, { step, options });
  outbox.messages.push(message);
  outbox.childIds.push(message.correlationId);
  return message.correlationId;
}

/** Adds a signature in wire form, with arguments in front of its own; answers its id. */
export function addSignature(
  execution: Execution,
  outbox: Outbox,
  signature: WireSignature,
  args: readonly unknown[] = [],
): string {
  const { task_id: fixed } = signature.options;
  const id = typeof fixed === 'string' ? fixed : derivedId(execution.id, `child:${outbox.childIds.length}`);
  outbox.canvases ??= [];
  outbox.canvases.push({ at: outbox.messages.length, id, signature: encodeJson(signature), args: encodeJson(args) });
  outbox.childIds.push(id);
  return id;
}

/** @throws CellarError `bad-value` when an argument cannot travel */
export function canvasChild(
  execution: Execution,
  work: AnyCanvas,
  { step, options }: { readonly step: string; readonly options: SendOptions | undefined },
): Omit<CanvasChild, 'at'> {
  const given = options === undefined ? work : withOptions(work, options);
  const id = given.options.taskId ?? derivedId(execution.id, step);
  return { id, signature: encodeJson(toWireSignature(given)) };
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

export interface ChildOptions {
  /** Makes its id, unless the signature fixes one. */
  readonly step?: string;
  readonly options?: SendOptions | undefined;
  readonly place?: Place;
  /** Who sends it. @default the task that runs */
  readonly parentId?: string | undefined;
}

/**
 * A message sent by this run.
 * @throws CellarError as `Cellar.send`
 */
export function childMessage(
  execution: Execution,
  signature: SignatureData,
  { step = '', options, place, parentId = execution.id }: ChildOptions,
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
  const lineage = { ...place, id, rootId, parentId, deduplicationId: attemptKey(id, 0, 0) };
  const nowMs = environment.runtime.clock.now();
  const child = outgoingMessage(merged, lineage, { nowMs, name: environment.origin });
  const counted = { ...child, headers: { ...child.headers, [HOPS_HEADER]: hopsOf(message.headers) + 1 } };
  checkCarried(counted, environment.capabilities, nowMs);
  return counted;
}
