/** Outbox rows: the messages of a write, stored with it; the table's stream hands them to what publishes them. */
import type { OutgoingMessage } from 'cellar';
import type { Item } from 'cellar/aws';
import * as z from 'zod/mini';
import { textOf } from './order-items.ts';
import { OUTBOX_DAYS } from './table.ts';

/** Which write of an order a row belongs to; each happens once. */
export type OrderWrite = 'placed' | 'paid';

export interface OutboxRow {
  readonly orderId: number;
  readonly write: OrderWrite;
  readonly messages: readonly OutgoingMessage[];
  readonly nowMs: number;
}

/** The row of a write; its messages keep their ids, so that a replay of the stream publishes the same again. */
export function outboxItem({ orderId, write, messages, nowMs }: OutboxRow): Item {
  return {
    pk: { S: `order#${orderId}` },
    sk: { S: `outbox#${write}` },
    messages: { S: JSON.stringify(messages) },
    ttl: { N: `${Math.floor(nowMs / 1000) + OUTBOX_DAYS * 86_400}` },
  };
}

/** What the broker reads of a message beside what it passes on. */
const messagesSchema = z.array(
  z.looseObject({
    headers: z.record(z.string(), z.unknown()),
    body: z.string(),
    contentType: z.string(),
    contentEncoding: z.string(),
    correlationId: z.string(),
    exchange: z.string(),
    routingKey: z.string(),
  }),
);

/**
 * The messages of a row, as the table's stream shows it (`dynamodb.NewImage`); none of any other item.
 * @throws Error where a row is not what `outboxItem` makes
 */
export function outboxMessages(image: Item): readonly OutgoingMessage[] {
  if (!textOf(image['sk']).startsWith('outbox#')) return [];
  const parsed = messagesSchema.safeParse(JSON.parse(textOf(image['messages'])));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Error(`the messages do not fit: ${issue?.path.join('.') || 'all of it'}: ${issue?.message}`);
}
