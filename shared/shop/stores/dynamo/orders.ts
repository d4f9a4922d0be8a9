/** Placing, paying and cancelling orders: each write is one transaction with the messages that follow from it. */
import { AwsCallError, type Item, type TransactWriteItem } from 'cellar/aws';
import type { Order, OrderDraft, Payment } from '../../order.ts';
import type { EarlierOrder, IdempotencyKey, Outgoing } from '../../store.ts';
import { readItem, type TableAccess, told, writeTogether } from './access.ts';
import { nextNumber } from './counters.ts';
import { numberOf, orderItem, orderKey, orderOf, placedOrder, textOf } from './order-items.ts';
import { type OrderWrite, outboxItem } from './outbox.ts';
import { KEY_DAYS } from './table.ts';

const IS_NEW = 'attribute_not_exists(pk)';

export async function readOrder(access: TableAccess, id: number): Promise<Order | undefined> {
  const item = await readItem(access, orderKey(id));
  return item === undefined ? undefined : orderOf(item);
}

function keyOf(key: string): Item {
  return { pk: { S: `key#${key}` }, sk: { S: 'key' } };
}

/** The order that has the key. */
export async function findEarlier(access: TableAccess, key: string): Promise<EarlierOrder | undefined> {
  const record = await readItem(access, keyOf(key));
  if (record === undefined) return undefined;
  const order = await readOrder(access, numberOf(record['orderId']) ?? 0);
  return order === undefined ? undefined : { order, requestHash: textOf(record['requestHash']) };
}

interface Placement {
  readonly draft: OrderDraft;
  readonly idempotency: IdempotencyKey;
  readonly outgoing: (order: Order) => readonly Outgoing[];
}

export async function placeOrder(
  access: TableAccess,
  { draft, idempotency, outgoing }: Placement,
): Promise<{ readonly placed: Order } | { readonly earlier: EarlierOrder }> {
  const id = await nextNumber(access, 'orders');
  const placed = placedOrder(id, draft);
  const written = await writeTogether(access, [
    put(access, keyItem(access, id, idempotency)),
    put(access, orderItem(id, draft)),
    ...outboxRow(access, { orderId: id, write: 'placed', outgoing: outgoing(placed) }),
  ]);
  if (written === 'written') return { placed };
  const earlier = await findEarlier(access, idempotency.key);
  if (earlier === undefined) throw new Error(`order ${id} was not written, and no other has its key`);
  return { earlier };
}

function put({ table }: TableAccess, item: Item): TransactWriteItem {
  return { Put: { TableName: table, Item: item, ConditionExpression: IS_NEW } };
}

function keyItem({ runtime }: TableAccess, orderId: number, { key, requestHash }: IdempotencyKey): Item {
  const forgottenAt = Math.floor(runtime.clock.now() / 1000) + KEY_DAYS * 86_400;
  return { ...keyOf(key), requestHash: { S: requestHash }, orderId: { N: `${orderId}` }, ttl: { N: `${forgottenAt}` } };
}

interface Leaving {
  readonly orderId: number;
  readonly write: OrderWrite;
  readonly outgoing: readonly Outgoing[];
}

/** A write without tasks has no row. */
function outboxRow(access: TableAccess, { orderId, write, outgoing }: Leaving): readonly TransactWriteItem[] {
  if (outgoing.length === 0) return [];
  const nowMs = access.runtime.clock.now();
  return [put(access, outboxItem({ orderId, write, messages: access.prepare(outgoing), nowMs }))];
}

interface PaymentOf {
  readonly id: number;
  readonly payment: Payment;
  readonly outgoing: readonly Outgoing[];
}

export async function payOrder(access: TableAccess, { id, payment, outgoing }: PaymentOf) {
  const update = {
    TableName: access.table,
    Key: orderKey(id),
    UpdateExpression: 'SET #status = :paid, paymentId = :payment, paidAt = :at, paidDay = :day',
    ConditionExpression: 'attribute_exists(pk) AND #status <> :paid',
    ExpressionAttributeNames: { '#status': 'status' },
    ExpressionAttributeValues: {
      ':paid': { S: 'paid' },
      ':payment': { S: payment.id },
      ':at': { N: `${payment.paidAt.getTime()}` },
      ':day': { S: payment.paidAt.toISOString().slice(0, 10) },
    },
  };
  const row = outboxRow(access, { orderId: id, write: 'paid', outgoing });
  if ((await writeTogether(access, [{ Update: update }, ...row])) === 'written') return 'paid';
  return (await readItem(access, orderKey(id))) === undefined ? 'unknown-order' : 'already-paid';
}

export async function cancelOrder(access: TableAccess, id: number): Promise<Order | undefined> {
  try {
    await told(() =>
      access.calls.call('dynamodb:UpdateItem', {
        TableName: access.table,
        Key: orderKey(id),
        UpdateExpression: 'SET #status = :cancelled',
        ConditionExpression: '#status = :pending',
        ExpressionAttributeNames: { '#status': 'status' },
        ExpressionAttributeValues: { ':cancelled': { S: 'cancelled' }, ':pending': { S: 'pending' } },
      }),
    );
  } catch (error) {
    const isOther = error instanceof AwsCallError && error.awsCode === 'ConditionalCheckFailedException';
    if (!isOther) throw error; // one that is not pending stays as it is
  }
  return readOrder(access, id);
}
