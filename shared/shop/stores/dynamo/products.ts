/** Products on DynamoDB: the catalogue is one query, an order reads the items of its wines and its coupon. */
import { AwsCallError, type Item } from 'cellar/aws';
import type { Coupon } from '../../coupon.ts';
import type { ProductStore, Products } from '../../product-store.ts';
import type { Wine } from '../../wine.ts';
import { queryAll, readItem, type TableAccess, told } from './access.ts';
import {
  CATALOGUE,
  catalogueRow,
  couponAttributes,
  couponKey,
  couponOf,
  wineAttributes,
  wineKey,
} from './product-items.ts';
import { readItems } from './read-items.ts';

type Table = Pick<TableAccess, 'calls' | 'table'>;

export function openProducts(access: TableAccess): ProductStore {
  return {
    wines: () => readWines(access),
    winesOnSale: (ids) => readWinesOnSale(access, ids),
    async coupon(code) {
      const item = await readItem(access, couponKey(code));
      return item === undefined ? undefined : couponOf(item);
    },
    addMissing: (products) => addMissing(access, products),
    saveWine: (wine) => saveWine(access, wine),
    withdrawWine: (id) => withdrawWine(access, id),
    saveCoupon: (coupon) => saveCoupon(access, coupon),
  };
}

async function readWines(access: Table): Promise<readonly Wine[]> {
  const items = await queryAll(access, {
    KeyConditionExpression: 'pk = :catalogue',
    ExpressionAttributeValues: { ':catalogue': { S: CATALOGUE } },
  });
  return items
    .map(catalogueRow)
    .filter(({ isOnSale }) => isOnSale)
    .sort((one, other) => one.position - other.position) // equal ones stay in the order of their ids, as they were read
    .map(({ wine }) => wine);
}

async function readWinesOnSale(access: TableAccess, ids: readonly string[]): Promise<readonly Wine[]> {
  const items = await readItems(access, [...new Set(ids)].map(wineKey), { isConsistent: true });
  return items.map(catalogueRow).flatMap(({ wine, isOnSale }) => (isOnSale ? [wine] : []));
}

/** Each row is written by itself, as rows do not depend on each other; one that is there stays as it is. */
export async function addMissing(access: Table, { wines, coupons }: Products): Promise<number> {
  const items = [
    ...wines.map((wine, position) => ({
      ...wineKey(wine.id),
      ...wineAttributes(wine),
      position: { N: `${position}` },
      isOnSale: { BOOL: true },
    })),
    ...coupons.map((coupon) => ({ ...couponKey(coupon.code), ...couponAttributes(coupon) })),
  ];
  const added = await Promise.all(items.map((item) => putNew(access, item)));
  return added.filter((isNew) => isNew).length;
}

function putNew({ calls, table }: Table, item: Item): Promise<boolean> {
  const put = { TableName: table, Item: item, ConditionExpression: 'attribute_not_exists(pk)' };
  return unlessCondition(() => calls.call('dynamodb:PutItem', put));
}

async function saveWine({ calls, table, runtime }: TableAccess, wine: Wine): Promise<void> {
  const attributes = Object.entries(wineAttributes(wine));
  const sets = attributes.map((_, index) => `#a${index} = :a${index}`);
  await told(() =>
    calls.call('dynamodb:UpdateItem', {
      TableName: table,
      Key: wineKey(wine.id),
      // A later time is a place further behind; those of a list have their places in it.
      UpdateExpression: `SET ${sets.join(', ')}, isOnSale = :true, #position = if_not_exists(#position, :now)`,
      ExpressionAttributeNames: {
        ...Object.fromEntries(attributes.map(([name], index) => [`#a${index}`, name])),
        '#position': 'position',
      },
      ExpressionAttributeValues: {
        ...Object.fromEntries(attributes.map(([, value], index) => [`:a${index}`, value])),
        ':true': { BOOL: true },
        ':now': { N: `${runtime.clock.now()}` },
      },
    }),
  );
}

function withdrawWine({ calls, table }: Table, id: string): Promise<boolean> {
  return unlessCondition(() =>
    calls.call('dynamodb:UpdateItem', {
      TableName: table,
      Key: wineKey(id),
      UpdateExpression: 'SET isOnSale = :false',
      ConditionExpression: 'attribute_exists(pk)',
      ExpressionAttributeValues: { ':false': { BOOL: false } },
    }),
  );
}

async function saveCoupon({ calls, table }: Table, coupon: Coupon): Promise<void> {
  const item = { ...couponKey(coupon.code), ...couponAttributes(coupon) };
  await told(() => calls.call('dynamodb:PutItem', { TableName: table, Item: item }));
}

/** Makes a conditional write; false where its condition did not hold. */
async function unlessCondition(write: () => Promise<unknown>): Promise<boolean> {
  try {
    await told(write);
    return true;
  } catch (error) {
    if (error instanceof AwsCallError && error.awsCode === 'ConditionalCheckFailedException') return false;
    throw error;
  }
}
