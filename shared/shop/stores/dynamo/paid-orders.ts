/** Paid orders of a time, by the index of UTC days. */
import type { Item } from 'cellar/aws';
import type { Order } from '../../order.ts';
import { queryAll, type TableAccess } from './access.ts';
import { orderOf } from './order-items.ts';
import { shopTable } from './table.ts';

const DAY_MS = 86_400_000;

/** By id. The index follows the table within about a second; what was paid just now may be missing. */
export async function readPaidBetween(access: TableAccess, from: Date, to: Date): Promise<readonly Order[]> {
  if (to <= from) return []; // DynamoDB refuses a range that ends before it begins
  const items: Item[] = [];
  const firstDay = Math.floor(from.getTime() / DAY_MS);
  for (let day = firstDay; day * DAY_MS < to.getTime(); day++) {
    items.push(...(await readDay(access, new Date(day * DAY_MS).toISOString().slice(0, 10), { from, to })));
  }
  return items.map(orderOf).sort((one, other) => one.id - other.id);
}

function readDay(
  access: TableAccess,
  day: string,
  { from, to }: { readonly from: Date; readonly to: Date },
): Promise<readonly Item[]> {
  return queryAll(access, {
    IndexName: shopTable.paidIndex.name,
    KeyConditionExpression: 'paidDay = :day AND paidAt BETWEEN :from AND :last',
    ExpressionAttributeValues: {
      ':day': { S: day },
      ':from': { N: `${from.getTime()}` },
      ':last': { N: `${to.getTime() - 1}` },
    },
  });
}
