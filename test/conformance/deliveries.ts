/** Messages and deliveries as the topics of the suite make and take them. */
import type { Broker, Delivery, Disposition, OutgoingMessage, SettleOutcome } from '../../shared/cellar/broker.ts';
import type { ResultUpdate } from '../../shared/cellar/result-store.ts';
import type { Harness } from './harness.ts';

let messages = 0;

/** A message to a queue; its correlation id is its text unless given. */
export function message(queue: string, text: string, fields: Partial<OutgoingMessage> = {}): OutgoingMessage {
  return {
    exchange: '',
    routingKey: queue,
    headers: { id: text, task: 'tests.tasks.note', number: ++messages },
    contentType: 'application/json',
    contentEncoding: 'utf-8',
    body: JSON.stringify([[text], {}, {}]),
    correlationId: text,
    ...fields,
  };
}

/** Receives until `count` messages came or a receive that waited as long as it may brings nothing. */
export async function take(harness: Harness, queue: string, count: number): Promise<readonly Delivery[]> {
  return await takeFrom(harness.backend.broker, harness, { queue, count });
}

export async function takeFrom(
  broker: Broker,
  { patienceMs }: Pick<Harness, 'patienceMs'>,
  { queue, count }: { readonly queue: string; readonly count: number },
): Promise<readonly Delivery[]> {
  const taken: Delivery[] = [];
  while (taken.length < count) {
    const some = await broker.receive(queue, { maxMessages: count - taken.length, waitMs: patienceMs });
    if (some.length === 0) break;
    taken.push(...some);
  }
  return taken;
}

/** Lets copies arrive that went through an exchange. */
export async function copiesArrive({ copiesLateMs = 0, passMs }: Harness): Promise<void> {
  if (copiesLateMs > 0) await passMs(copiesLateMs);
}

/** Takes one message a call, `count` times. */
export async function takeSingly(harness: Harness, queue: string, count: number): Promise<readonly Delivery[]> {
  const taken: Delivery[] = [];
  for (let call = 0; call < count; call++) taken.push(...(await take(harness, queue, 1)));
  return taken;
}

/** Takes and acknowledges until nothing comes any more; the texts in the order in which they came. */
export async function drain(harness: Harness, queue: string): Promise<readonly string[]> {
  const seen: string[] = [];
  for (;;) {
    const some = await take(harness, queue, 10);
    if (some.length === 0) return seen;
    seen.push(...texts(some));
    await ackAll(harness, some);
  }
}

/** How many messages a test of many sends on this harness. */
export function many(harness: Harness, count: number): number {
  return Math.ceil(count * (harness.shareOfMany ?? 1));
}

/** Texts of messages without a group, in the order in which they came as far as the broker promises one. */
export function ungrouped({ backend }: Harness, some: readonly string[]): readonly string[] {
  return backend.broker.capabilities.orderedWithoutGroup ? some : some.toSorted();
}

/** The texts given to {@link message}. */
export function texts(deliveries: readonly Delivery[]): readonly string[] {
  return deliveries.map((delivery) => delivery.message.correlationId);
}

export async function ackAll(harness: Harness, deliveries: readonly Delivery[]): Promise<readonly SettleOutcome[]> {
  return await settleAll(harness, deliveries, { kind: 'ack' });
}

export async function settleAll(
  { backend }: Harness,
  deliveries: readonly Delivery[],
  disposition: Disposition,
): Promise<readonly SettleOutcome[]> {
  return await backend.broker.settle(deliveries.map((delivery) => ({ delivery, publish: [], disposition })));
}

/** The first delivery of a list that must have one. */
export function first(deliveries: readonly Delivery[]): Delivery {
  const [delivery] = deliveries;
  if (delivery === undefined) throw new Error('a delivery was expected and none came');
  return delivery;
}

/** A state of a task, as a worker stores it. */
export function result(id: string, state: string, fields: Partial<ResultUpdate> = {}): ResultUpdate {
  return {
    id,
    state,
    result: '42',
    attempt: { retries: 0, generation: 0 },
    task: 'tests.tasks.note',
    args: '[42]',
    kwargs: '{}',
    queue: 'mail',
    worker: 'worker@host',
    ...fields,
  };
}

/** The fields of a message in a group, where there are groups. */
export function groupOf({ backend }: Harness, messageGroup: string): Pick<OutgoingMessage, 'messageGroup'> {
  return backend.broker.capabilities.messageGroups === 'none' ? {} : { messageGroup };
}
