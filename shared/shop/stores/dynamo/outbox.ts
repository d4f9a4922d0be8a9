/** Outbox rows: the messages of a write, stored with it; the table's stream hands them to what publishes them. */
import type { OutgoingMessage } from 'cellar';
import type { Item } from 'cellar/aws';
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

/**
 * The messages of a row, as the table's stream shows it (`dynamodb.NewImage`); none of any other item.
 * @throws Error where a row is not what `outboxItem` makes
 */
export function outboxMessages(image: Item): readonly OutgoingMessage[] {
  if (!textOf(image['sk']).startsWith('outbox#')) return [];
  return JSON.parse(textOf(image['messages']));
}
