import process from 'node:process';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Cellar } from 'cellar';
import { outboxStreamHandler, type StreamEvent } from 'cellar/lambda';
import type { Hono } from 'hono';
import { makeDemoApi } from '../../../functions/api/demo-api.ts';
import { openApi } from '../../../functions/api/open-api.ts';
import { openFiles } from '../../../functions/backing/s3-files.ts';
import { loadShopSettings } from '../../../functions/shop-settings.ts';
import { invoicePath } from '../../../shared/shop/file-store.ts';
import { outboxMessages } from '../../../shared/shop/stores/dynamo/outbox.ts';
import { dailySales } from '../../../shared/shop/tasks.ts';
import { dayOf } from '../../../shared/shop/time-zone.ts';
import { hasEmulator } from '../../support/aws/emulator.ts';
import { until } from '../../support/running-shop.ts';
import { allHandlers, orderRequest } from '../shop-harness.ts';
import { type EmulatedShop, startEmulatedShop } from './emulated-shop.ts';

const withMinistack = hasEmulator('ministack') ? describe : describe.skip;
const before = { ...process.env };

withMinistack('buying wine on AWS', () => {
  let shop: EmulatedShop;
  let workers: Cellar;
  let api: Hono;
  const drained: StreamEvent[] = [];

  beforeAll(async () => {
    shop = await startEmulatedShop();
    const { CELLAR_DASHBOARD_SECRET_ID: _, ...environment } = shop.environment;
    Object.assign(process.env, environment); // the workers read it, as their functions do
    workers = await shop.open(await allHandlers());
    api = await openApi(environment, makeDemoApi);
  });
  afterAll(async () => {
    await workers?.close();
    await shop?.stop();
    process.env = before;
  });

  const publish = (event: StreamEvent) => outboxStreamHandler(async () => workers, outboxMessages)(event);

  /** What the table's stream does on AWS. */
  async function drain(): Promise<void> {
    const event = await shop.newRows();
    drained.push(event);
    expect(await publish(event)).toEqual({ batchItemFailures: [] });
  }

  const subjectsReach = (count: number) =>
    until(async () => {
      const subjects = await shop.subjects();
      return subjects.length >= count && subjects.toSorted();
    }, 20_000);

  it('takes an order, its tasks stay with it until the stream tells of them', async () => {
    const { headers = {}, body = '' } = orderRequest('k1');
    const place = () => api.request('/api/orders', { method: 'POST', headers, body });
    const placed = await place();
    expect([placed.status, await placed.json()]).toMatchObject([201, { id: 1, payAt: '/pay/1' }]);
    const again = await place();
    expect([again.status, again.headers.get('idempotent-replayed')]).toEqual([201, 'true']);
    expect(await shop.subjects()).toEqual([]);
    await drain();
    expect(await subjectsReach(1)).toEqual(['Order nr. 1']);
  });

  it('is paid, numbers and mails the invoice, and keeps it', async () => {
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const paid = await api.request('/pay/1', { method: 'POST', headers: form, body: 'action=pay' });
    expect([paid.status, paid.headers.get('location')]).toEqual([303, '/success?order=1']);
    await drain();
    expect(await subjectsReach(2)).toEqual(['My Shop - Invoice no. 1', 'Order nr. 1']);
    const settings = loadShopSettings(process.env, workers.settings);
    const pdf = await (await openFiles(workers, settings)).get(invoicePath(1));
    expect(
      Buffer.from(pdf ?? [])
        .subarray(0, 5)
        .toString(),
    ).toBe('%PDF-');
  });

  it('knows by its recommendations what was bought together', async () => {
    const found = await until(async () => {
      const { boughtTogether } = JSON.parse(await (await api.request('/api/wines/tavel-rose')).text());
      return boughtTogether.length > 0 && boughtTogether;
    }, 10_000);
    expect(found).toMatchObject([{ id: 'pauillac-tour-sarrazin' }]);
  });

  it('has no payment page in production, and says so', async () => {
    const { CELLAR_DASHBOARD_SECRET_ID: _, ...environment } = shop.environment;
    const production = await openApi(environment);
    const { headers = {}, body = '' } = orderRequest('k1');
    const again = await production.request('/api/orders', { method: 'POST', headers, body });
    expect(await again.json()).toMatchObject({ id: 1, payAt: null });
    expect((await production.request('/pay/1')).status).toBe(404);
  });

  it('does nothing twice when the stream is read again', async () => {
    for (const event of drained) expect(await publish(event)).toEqual({ batchItemFailures: [] });
    await until(async () => {
      const counts = await workers.admin.counts();
      return counts.every(({ ready, inFlight }) => ready === 0 && inFlight === 0);
    }, 10_000);
    expect(await shop.subjects()).toHaveLength(2);
  });

  it('writes the report of the day', async () => {
    const day = dayOf(new Date());
    const report = await (await workers.send(dailySales({ day }))).get({ timeoutMs: 20_000 });
    expect(report).toEqual({ day, orders: 1, file: `sales-${day}.csv` });
    const settings = loadShopSettings(process.env, workers.settings);
    const csv = await (await openFiles(workers, settings)).get(`reports/sales-${day}.csv`);
    expect(Buffer.from(csv ?? []).toString()).toContain('Tavel');
  });
});
