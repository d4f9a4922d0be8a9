/** What is bought together: one item for each wine, with a number for each wine that went with it. */
import type { Item, TransactWriteItem } from 'cellar/aws';
import type { PairScore } from '../../recommender.ts';
import { type TableAccess, writeTogether } from './access.ts';
import { numberOf } from './order-items.ts';
import { readItems } from './read-items.ts';

/** Attributes of scores begin so: a wine's id is never taken for a key of the table. */
const SCORE = 'with:';

function wineKey(wineId: string): Item {
  return { pk: { S: `wine#${wineId}` }, sk: { S: 'bought-with' } };
}

/**
 * Raises the pairs of an order and notes that it was counted, in one transaction: of one item a wine, as a transaction
 * holds at most 100 and an order at most 50 wines.
 */
export async function addPurchase(
  access: TableAccess,
  orderId: number,
  pairs: readonly (readonly [string, string])[],
): Promise<boolean> {
  const marker = { pk: { S: `scored#${orderId}` }, sk: { S: 'scored' } };
  const counted: TransactWriteItem = {
    Put: { TableName: access.table, Item: marker, ConditionExpression: 'attribute_not_exists(pk)' },
  };
  const byWine = Map.groupBy(pairs, ([wineId]) => wineId);
  const raises = [...byWine].map(([wineId, own]): TransactWriteItem => {
    const others = own.map(([, other]) => other);
    return {
      Update: {
        TableName: access.table,
        Key: wineKey(wineId),
        UpdateExpression: `ADD ${others.map((_, index) => `#w${index} :one`).join(', ')}`,
        ExpressionAttributeNames: Object.fromEntries(others.map((other, index) => [`#w${index}`, SCORE + other])),
        ExpressionAttributeValues: { ':one': { N: '1' } },
      },
    };
  });
  return (await writeTogether(access, [counted, ...raises])) === 'written';
}

export async function boughtWith(access: TableAccess, wineIds: readonly string[]): Promise<readonly PairScore[]> {
  const items = await readItems(access, [...new Set(wineIds)].map(wineKey));
  return items.flatMap((item) =>
    Object.entries(item).flatMap(([name, value]) =>
      name.startsWith(SCORE) ? [{ wineId: name.slice(SCORE.length), score: numberOf(value) ?? 0 }] : [],
    ),
  );
}
