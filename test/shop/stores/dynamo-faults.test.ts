import { describe, expect, it } from '@jest/globals';
import type { Clock, OutgoingMessage, Runtime } from 'cellar';
import { AwsCallError, type AwsCalls, type AwsOperation, type Item } from 'cellar/aws';
import { seedProducts } from '../../../shared/shop/seed.ts';
import { wineAttributes, wineKey } from '../../../shared/shop/stores/dynamo/product-items.ts';
import { openDynamoStore } from '../../../shared/shop/stores/dynamo.ts';
import type { Wine } from '../../../shared/shop/wine.ts';
import { sampleDraft } from '../sample-order.ts';

type Answer = object | Error;

interface FakeTable {
  readonly store: ReturnType<typeof openDynamoStore>;
  readonly asked: { readonly operation: AwsOperation; readonly input: object }[];
  /** Every pause, in ms. */
  readonly pauses: number[];
}

/** The store over a table that gives these answers to each operation, the last one for ever. */
function storeOver(answers: Partial<Record<AwsOperation, readonly Answer[]>>, random = () => 0.5): FakeTable {
  const asked: { operation: AwsOperation; input: object }[] = [];
  const pauses: number[] = [];
  const clock: Clock = {
    now: () => 1_790_000_000_000,
    setTimer(delayMs, callback) {
      pauses.push(delayMs);
      queueMicrotask(callback);
      return () => undefined;
    },
  };
  let ids = 0;
  const runtime: Runtime = { clock, random, newId: () => `id-${++ids}` };
  const calls: Pick<AwsCalls, 'call'> = {
    async call(operation, input) {
      const given = answers[operation] ?? [{}];
      const before = asked.filter((one) => one.operation === operation).length;
      asked.push({ operation, input });
      const answer = given[Math.min(before, given.length - 1)] ?? {};
      if (answer instanceof Error) throw answer;
      return answer as never;
    },
  };
  const prepare = (): readonly OutgoingMessage[] => [];
  return { store: openDynamoStore({ calls, table: 'shop', runtime, prepare }), asked, pauses };
}

function cancelled(...codes: readonly string[]): AwsCallError {
  return new AwsCallError('dynamodb:TransactWriteItems', {
    awsCode: 'TransactionCanceledException',
    message: 'Transaction cancelled',
    status: 400,
    reasons: codes.map((code) => ({ code })),
  });
}

const CONFLICT = cancelled('None', 'TransactionConflict');
const PAYMENT = { id: 'cs_1', paidAt: new Date('2026-03-28T10:05:00Z') };
const transactions = ({ asked }: FakeTable) =>
  asked.filter(({ operation }) => operation === 'dynamodb:TransactWriteItems');

describe('the store on DynamoDB when writers meet', () => {
  it('tries again with growing random pauses, as one and the same write', async () => {
    const table = storeOver({ 'dynamodb:TransactWriteItems': [CONFLICT, CONFLICT, cancelled('ThrottlingError'), {}] });
    expect(await table.store.payOrder(1, PAYMENT, [])).toBe('paid');
    expect(table.pauses).toEqual([10, 20, 40]);
    expect(new Set(transactions(table).map(({ input }) => JSON.stringify(input))).size).toBe(1);
    expect(transactions(table)[0]?.input).toMatchObject({ ClientRequestToken: 'id-1' });
  });

  it('keeps the id of an order through all tries', async () => {
    const table = storeOver({
      'dynamodb:UpdateItem': [{ Attributes: { given: { N: '7' } } }],
      'dynamodb:TransactWriteItems': [CONFLICT, {}],
    });
    const placed = await table.store.placeOrder(sampleDraft(), { key: 'k', requestHash: 'h' }, () => []);
    expect(placed).toMatchObject({ placed: { id: 7 } });
    expect(table.asked.filter(({ operation }) => operation === 'dynamodb:UpdateItem')).toHaveLength(1);
  });

  it('gives up in the end, and says that it may work later', async () => {
    const table = storeOver({ 'dynamodb:TransactWriteItems': [CONFLICT] }, () => 0.999);
    await expect(table.store.payOrder(1, PAYMENT, [])).rejects.toMatchObject({
      code: 'store-unavailable',
      cause: CONFLICT,
    });
    expect(transactions(table)).toHaveLength(40);
    expect(Math.max(...table.pauses)).toBeLessThan(250);
    expect(table.pauses.reduce((sum, ms) => sum + ms, 0)).toBeLessThan(10_000);
  });

  it('does not try again what can never be written', async () => {
    const refused = cancelled('ValidationError');
    const table = storeOver({ 'dynamodb:TransactWriteItems': [refused] });
    await expect(table.store.payOrder(1, PAYMENT, [])).rejects.toBe(refused);
    expect(transactions(table)).toHaveLength(1);
  });

  it('takes the next invoice number after another writer took the one before', async () => {
    const order = {
      Item: {
        pk: { S: 'order#1' },
        sk: { S: 'order' },
        id: { N: '1' },
        status: { S: 'paid' },
        draft: { S: JSON.stringify({ ...sampleDraft(), placedAt: 0 }) },
      },
    };
    const table = storeOver({
      'dynamodb:GetItem': [order, { Item: { given: { N: '4' } } }, order, { Item: { given: { N: '5' } } }],
      'dynamodb:TransactWriteItems': [cancelled('ConditionalCheckFailed', 'None'), {}],
    });
    expect(await table.store.issueInvoice(1, new Date(0))).toEqual({ number: 6, issuedAt: new Date(0) });
    expect(JSON.stringify(transactions(table)[0]?.input)).toContain('"N":"5"');
  });
});

function wineRow(wine: Wine, position: number): Item {
  const place = { position: { N: `${position}` }, isOnSale: { BOOL: true } };
  return { ...wineKey(wine.id), ...wineAttributes(wine), ...place };
}

describe('the store on DynamoDB when AWS fails', () => {
  const throttled = new AwsCallError('dynamodb:GetItem', {
    awsCode: 'ThrottlingException',
    message: 'Rate exceeded',
    status: 400,
  });

  it('says that it may work later', async () => {
    const { store } = storeOver({ 'dynamodb:GetItem': [throttled] });
    await expect(store.order(1)).rejects.toMatchObject({ code: 'store-unavailable', cause: throttled });
  });

  it('passes on what will not pass', async () => {
    const missing = new AwsCallError('dynamodb:GetItem', {
      awsCode: 'ResourceNotFoundException',
      message: 'Requested resource not found',
      status: 400,
    });
    await expect(storeOver({ 'dynamodb:GetItem': [missing] }).store.order(1)).rejects.toBe(missing);
  });

  it('asks again for the keys that a batch left out', async () => {
    const item = { pk: { S: 'wine#a' }, sk: { S: 'bought-with' }, 'with:b': { N: '3' } };
    const left = { Keys: [{ pk: { S: 'wine#c' }, sk: { S: 'bought-with' } }] };
    const table = storeOver({
      'dynamodb:BatchGetItem': [
        { Responses: { shop: [item] }, UnprocessedKeys: { shop: left } },
        { Responses: { shop: [] } },
      ],
    });
    expect(await table.store.boughtWith(['a', 'c', 'a'])).toEqual([{ wineId: 'b', score: 3 }]);
    expect(table.asked.map(({ input }) => input)).toMatchObject([
      { RequestItems: { shop: { Keys: { length: 2 } } } },
      { RequestItems: { shop: left } },
    ]);
  });

  it('does not ask for left out keys for ever', async () => {
    const left = { Keys: [{ pk: { S: 'wine#c' }, sk: { S: 'bought-with' } }] };
    const table = storeOver({ 'dynamodb:BatchGetItem': [{ UnprocessedKeys: { shop: left } }] });
    await expect(table.store.boughtWith(['c'])).rejects.toMatchObject({ code: 'store-unavailable' });
    expect(table.asked).toHaveLength(10);
  });

  it('reads the catalogue page by page', async () => {
    const [first, second] = seedProducts().wines.map((wine, position) => wineRow(wine, position));
    const table = storeOver({
      'dynamodb:Query': [{ Items: [second], LastEvaluatedKey: { pk: { S: 'catalogue' } } }, { Items: [first] }],
    });
    expect(await table.store.wines()).toEqual(seedProducts().wines.slice(0, 2));
    expect(table.asked[1]?.input).toMatchObject({ ExclusiveStartKey: { pk: { S: 'catalogue' } } });
  });

  it('reads what an order buys as it was written last', async () => {
    const table = storeOver({});
    await table.store.winesOnSale(['a', 'a', 'b']);
    await table.store.coupon('WELCOME10');
    expect(table.asked.map(({ input }) => input)).toMatchObject([
      { RequestItems: { shop: { Keys: { length: 2 }, ConsistentRead: true } } },
      { ConsistentRead: true },
    ]);
  });

  it('says which row a hand has made unfit', async () => {
    const [wine] = seedProducts().wines;
    if (wine === undefined) throw new Error('the seed has no wine');
    const row = { ...wineRow(wine, 0), priceCents: { S: 'cheap' } };
    const { store } = storeOver({ 'dynamodb:Query': [{ Items: [row] }] });
    await expect(store.wines()).rejects.toThrow(`the item catalogue wine#${wine.id} does not fit: priceCents: `);
  });

  it('reads a day of paid orders page by page', async () => {
    const page = (id: string) => ({
      id: { N: id },
      status: { S: 'paid' },
      draft: { S: JSON.stringify({ ...sampleDraft(), placedAt: 0 }) },
    });
    const table = storeOver({
      'dynamodb:Query': [{ Items: [page('2')], LastEvaluatedKey: { pk: { S: 'order#2' } } }, { Items: [page('1')] }],
    });
    const from = new Date('2026-03-28T00:00:00Z');
    const orders = await table.store.paidBetween(from, new Date('2026-03-29T00:00:00Z'));
    expect(orders.map(({ id }) => id)).toEqual([1, 2]);
    expect(await table.store.paidBetween(from, from)).toEqual([]);
    expect(table.asked).toHaveLength(2);
  });
});
