import type { Item } from 'cellar/aws';
import { readItem, type TableAccess, told } from './access.ts';
import { numberOf } from './order-items.ts';

export function counterKey(name: 'orders' | 'invoices'): Item {
  return { pk: { S: `counter#${name}` }, sk: { S: 'counter' } };
}

/**
 * The next number, for ever taken: outside of any transaction, so that many writers do not meet. Numbers whose write
 * then fails are gaps.
 */
export async function nextNumber({ calls, table }: TableAccess, name: 'orders'): Promise<number> {
  const { Attributes } = await told(() =>
    calls.call('dynamodb:UpdateItem', {
      TableName: table,
      Key: counterKey(name),
      UpdateExpression: 'ADD given :one',
      ExpressionAttributeValues: { ':one': { N: '1' } },
      ReturnValues: 'UPDATED_NEW',
    }),
  );
  const given = numberOf(Attributes?.['given']);
  if (given === undefined) throw new Error(`the counter of ${name} did not answer its number`);
  return given;
}

/** The number given last; 0 before the first. */
export async function lastNumber(access: TableAccess, name: 'invoices'): Promise<number> {
  return numberOf((await readItem(access, counterKey(name)))?.['given']) ?? 0;
}
