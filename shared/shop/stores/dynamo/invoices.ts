/** Invoice numbers without gaps: the number and the order that gets it are one transaction. */
import { CellarError } from 'cellar';
import type { Invoice } from '../../order.ts';
import { pause, type TableAccess, type Written, writeTogether } from './access.ts';
import { counterKey, lastNumber } from './counters.ts';
import { orderKey } from './order-items.ts';
import { readOrder } from './orders.ts';

/** The invoices worker asks in one message group, so that there is one writer; a second one makes it try again. */
const MAX_TRIES = 40;

/** @throws CellarError `store-unavailable` when other writers were first each time */
export async function issueInvoice(
  access: TableAccess,
  id: number,
  issuedAt: Date,
): Promise<Invoice | 'not-paid' | 'unknown-order'> {
  for (let tries = 1; tries <= MAX_TRIES; tries++) {
    const order = await readOrder(access, id);
    if (order === undefined) return 'unknown-order';
    if (order.invoice !== undefined) return order.invoice;
    if (order.status !== 'paid') return 'not-paid';
    const number = (await lastNumber(access, 'invoices')) + 1;
    if ((await giveNumber(access, { id, number, issuedAt })) === 'written') return { number, issuedAt };
    await pause(access, tries);
  }
  throw new CellarError('store-unavailable', `order ${id} got no invoice number: ${MAX_TRIES} others were first`);
}

/** Fails where another writer took the number, or gave the order one. */
function giveNumber(
  { table, ...access }: TableAccess,
  { id, number, issuedAt }: Invoice & { readonly id: number },
): Promise<Written> {
  const counter = {
    TableName: table,
    Key: counterKey('invoices'),
    UpdateExpression: 'SET given = :number',
    ConditionExpression: number === 1 ? 'attribute_not_exists(given)' : 'given = :before',
    ExpressionAttributeValues: {
      ':number': { N: `${number}` },
      ...(number === 1 ? undefined : { ':before': { N: `${number - 1}` } }),
    },
  };
  const order = {
    TableName: table,
    Key: orderKey(id),
    UpdateExpression: 'SET invoiceNumber = :number, issuedAt = :at',
    ConditionExpression: '#status = :paid AND attribute_not_exists(invoiceNumber)',
    ExpressionAttributeNames: { '#status': 'status' },
    ExpressionAttributeValues: {
      ':number': { N: `${number}` },
      ':at': { N: `${issuedAt.getTime()}` },
      ':paid': { S: 'paid' },
    },
  };
  return writeTogether({ table, ...access }, [{ Update: counter }, { Update: order }]);
}
