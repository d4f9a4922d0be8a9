import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { dailySales } from '../../../shared/shop/tasks.ts';
import { addDays, dayOf, slashedDateText } from '../../../shared/shop/time-zone.ts';
import { allHandlers, openTestShop, orderRequest, type TestShop } from '../shop-harness.ts';

let shop: TestShop;

beforeEach(async () => {
  shop = await openTestShop({ handlers: await allHandlers() });
});
afterEach(() => shop.close());

describe('reports.tasks.daily_sales', () => {
  it('writes the paid orders of a day, and replaces the file when it runs again', async () => {
    for (const key of ['k1', 'k2']) await shop.request('POST', '/api/orders', orderRequest(key));
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    await shop.request('POST', '/pay/1', { headers, body: 'action=pay' });
    const today = dayOf(new Date());
    const run = async () => (await shop.cellar.send(dailySales({ day: today }))).get({ timeoutMs: 15_000 });
    expect(await run()).toEqual({ day: today, orders: 1, file: `sales-${today}.csv` });
    await run();
    expect(await readdir(join(shop.folder, 'reports'))).toEqual([`sales-${today}.csv`]);
    const csv = await readFile(join(shop.folder, 'reports', `sales-${today}.csv`), 'utf8');
    expect(csv.split('\r\n')).toHaveLength(4);
    expect(csv).toContain(`,${slashedDateText(new Date())},`);
  });

  it('reports yesterday unless told otherwise', async () => {
    const sent = await shop.cellar.send(dailySales({}));
    const yesterday = addDays(dayOf(new Date()), -1);
    expect(await sent.get({ timeoutMs: 15_000 })).toMatchObject({ day: yesterday, orders: 0 });
  });

  it('takes no day that is none', async () => {
    const sent = await shop.cellar.send(dailySales({ day: '2026-13-45' }));
    await expect(sent.get({ timeoutMs: 15_000 })).rejects.toMatchObject({ code: 'task-failed' });
    expect(await readdir(shop.folder)).not.toContain('reports');
  });
});
