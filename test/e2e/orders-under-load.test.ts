import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  mailsOf,
  type PlacedOrder,
  postOrder,
  postPayment,
  type RunningShop,
  startShop,
  temporaryFolder,
  until,
} from '../support/running-shop.ts';

const ORDERS = 1_000;
const CONNECTIONS = 50;

/** Does `work` for 0 … count-1, `CONNECTIONS` at a time; the answers in order. */
async function sideBySide<T>(count: number, work: (index: number) => Promise<T>): Promise<T[]> {
  const answers: T[] = new Array(count);
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) {
      const index = next++;
      answers[index] = await work(index);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, lane));
  return answers;
}

describe('a thousand orders from fifty connections', () => {
  const folder = temporaryFolder();
  let shop: RunningShop;

  beforeAll(async () => {
    shop = await startShop(folder.path);
  });

  afterAll(async () => {
    await shop.stop();
    folder.remove();
  });

  it('are placed, paid, invoiced without gaps and mailed, each once', async () => {
    const orders = await sideBySide(ORDERS, async (index) => {
      const response = await postOrder(shop.url, `load-${index}`, `customer-${index}@example.com`);
      expect(response.status).toBe(201);
      const order = (await response.json()) as PlacedOrder;
      const paid = await postPayment(shop.url, folder.path, order.id);
      expect(paid.status).toBe(200);
      return order;
    });
    expect(new Set(orders.map(({ id }) => id)).size).toBe(ORDERS);
    expect(new Set(orders.map(({ number }) => number)).size).toBe(ORDERS);

    const mails = await until(async () => {
      const found = await mailsOf(shop.url);
      return found.length >= 2 * ORDERS ? found : undefined;
    }, 120_000);
    const counts = Map.groupBy(mails, ({ to, subject }) => `${to} ${subject.replace(/\d+$/, 'N')}`);
    expect(mails).toHaveLength(2 * ORDERS);
    expect(counts.size).toBe(2 * ORDERS);
    expect(mails.filter(({ attachments }) => attachments.length === 1)).toHaveLength(ORDERS);

    const database = new DatabaseSync(join(folder.path, 'cellar.db'), { readOnly: true });
    const rows = database.prepare('SELECT number FROM shop_invoices ORDER BY number').all();
    database.close();
    expect(rows.map(({ number }) => number)).toEqual(Array.from({ length: ORDERS }, (_, index) => index + 1));
  }, 240_000);
});
