import { spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { reminderTaskId } from '../../../shared/shop/shop.ts';
import { orderCreated, orderPaid, paymentCompleted, paymentReminder } from '../../../shared/shop/tasks.ts';
import { ORDER_PAID, SHOP_EVENTS } from '../../../shared/shop/topology.ts';
import { requires } from '../../support/requires.ts';
import { until } from '../../support/running-shop.ts';
import {
  allHandlers,
  ORDER,
  openTestShop,
  orderRequest,
  type TestShop,
  type TestShopOptions,
} from '../shop-harness.ts';

const withPdftotext = requires('pdftotext') ? it : it.skip;
const opened: TestShop[] = [];
/** Waits for an answer. */
const soon = <T>(look: () => Promise<T>) => until(look, 15_000);

afterEach(async () => {
  for (const shop of opened.splice(0)) await shop.close();
});

/** The shop with all its workers. */
async function openShop(options: TestShopOptions = {}): Promise<TestShop> {
  const shop = await openTestShop({ handlers: await allHandlers(), ...options });
  opened.push(shop);
  return shop;
}

const place = (shop: TestShop, key = 'k1') => shop.request('POST', '/api/orders', orderRequest(key));

function press(shop: TestShop, id: number, action: 'pay' | 'cancel') {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  return shop.request('POST', `/pay/${id}`, { headers, body: `action=${action}` });
}

function mailsReach(shop: TestShop, count: number) {
  return soon(async () => {
    const mails = await shop.mails();
    return mails.length >= count ? mails : undefined;
  });
}

/** All that was asked for has run; what is due later still waits. */
async function idle(shop: TestShop): Promise<void> {
  await soon(async () => {
    const counts = await shop.cellar.admin.counts();
    return counts.every(({ ready, inFlight }) => ready === 0 && inFlight === 0);
  });
}

describe('buying wine', () => {
  it('sends the confirmation, then the invoice, and nothing else', async () => {
    const shop = await openShop();
    await place(shop);
    const [confirmation] = await mailsReach(shop, 1);
    expect(confirmation).toMatchObject({
      to: 'ana@example.com',
      subject: 'Order nr. 1',
      text: 'Dear Ana,\n\nYou have successfully placed an order. Your order ID is 1.',
      attachments: [],
    });
    await press(shop, 1, 'pay');
    await mailsReach(shop, 2);
    await idle(shop);
    const mails = await shop.mails();
    expect(mails.map(({ subject }) => subject).sort()).toEqual(['My Shop - Invoice no. 1', 'Order nr. 1']);
    expect(mails.find(({ subject }) => subject.startsWith('My Shop'))).toMatchObject({
      text: 'Please, find attached the invoice for your recent purchase.',
      attachments: [{ filename: 'order_1.pdf', contentType: 'application/pdf' }],
    });
  });

  withPdftotext('attaches an invoice with its number', async () => {
    const shop = await openShop();
    await place(shop);
    await press(shop, 1, 'pay');
    const mails = await mailsReach(shop, 2);
    const url = mails.flatMap(({ attachments }) => attachments)[0]?.url ?? '';
    const file = join(shop.folder, 'invoice.pdf');
    const { bytes } = await shop.request('GET', url);
    await writeFile(file, bytes);
    expect((await readFile(join(shop.folder, 'invoices', 'order_1.pdf'))).equals(bytes)).toBe(true);
    const { stdout } = spawnSync('pdftotext', ['-layout', file, '-'], { encoding: 'utf8' });
    expect(stdout).toContain('Invoice no. 1');
    expect(stdout).toContain('Paid');
    expect(stdout).toContain('€123.90');
  });

  it('takes the reminder out of the schedule when it is paid', async () => {
    const shop = await openShop();
    await place(shop);
    await mailsReach(shop, 1);
    expect(await shop.waiting('mail')).toBe(1);
    await press(shop, 1, 'pay');
    await soon(async () => (await shop.waiting('mail')) === 0);
  });

  it('gives each of many orders two mails and the next invoice number', async () => {
    const shop = await openShop();
    const keys = Array.from({ length: 20 }, (_, index) => `k${index}`);
    await Promise.all(keys.map((key) => place(shop, key)));
    await Promise.all(keys.map((_, index) => press(shop, index + 1, 'pay')));
    await mailsReach(shop, 40);
    await idle(shop);
    const mails = await shop.mails();
    expect(new Set(mails.map(({ subject }) => subject)).size).toBe(40);
    expect(mails).toHaveLength(40);
    const tokens = await Promise.all(keys.map(async (key) => String((await place(shop, key)).body.accessToken)));
    const orders = await Promise.all(
      tokens.map((token, index) =>
        shop.request('GET', `/api/orders/${index + 1}`, { headers: { authorization: `Bearer ${token}` } }),
      ),
    );
    const numbers = orders.map(({ body }) => Number(body.invoiceNumber)).sort((a, b) => a - b);
    expect(numbers).toEqual(keys.map((_, index) => index + 1));
  });

  it('recommends what was bought together', async () => {
    const shop = await openShop();
    await place(shop);
    await press(shop, 1, 'pay');
    const [together] = await soon(async () => {
      const wines: unknown = (await shop.request('GET', '/api/recommendations?wines=tavel-rose')).body;
      return Array.isArray(wines) && wines.length > 0 ? wines : undefined;
    });
    expect(together).toMatchObject({ id: ORDER.items[0]?.wineId });
  });

  it('does everything once when the payment is told again by hand', async () => {
    const shop = await openShop();
    await place(shop);
    await press(shop, 1, 'pay');
    await mailsReach(shop, 2);
    await shop.cellar.publish(SHOP_EVENTS, ORDER_PAID, orderPaid({ orderId: 1 }));
    await idle(shop);
    expect(await shop.mails()).toHaveLength(2);
    await place(shop, 'k2');
    await press(shop, 2, 'pay');
    await mailsReach(shop, 4);
    const token = String((await place(shop, 'k2')).body.accessToken);
    const second = await shop.request('GET', '/api/orders/2', { headers: { authorization: `Bearer ${token}` } });
    expect(second.body.invoiceNumber).toBe(2);
  });
});

describe('the reminder', () => {
  const soon = { environment: { SHOP_REMINDER_SECONDS: '1' } };

  it('goes to a customer who has not paid in time', async () => {
    const shop = await openShop(soon);
    await place(shop);
    const mails = await mailsReach(shop, 2);
    expect(mails.map(({ subject }) => subject).sort()).toEqual([
      'Order nr. 1',
      'Order nr. 1 is waiting for your payment',
    ]);
  });

  it('says nothing about a cancelled order', async () => {
    const shop = await openShop(soon);
    await place(shop);
    await press(shop, 1, 'cancel');
    const reminder = shop.cellar.result<number>(reminderTaskId(1));
    expect(await reminder.get({ timeoutMs: 15_000 })).toBe(0);
    expect(await shop.mails()).toHaveLength(1);
  });

  it('says nothing about a paid order, even when it was not taken back', async () => {
    const shop = await openShop();
    await place(shop);
    await press(shop, 1, 'pay');
    await mailsReach(shop, 2);
    const sent = await shop.cellar.send(paymentReminder({ orderId: 1 }));
    expect(await sent.get({ timeoutMs: 15_000 })).toBe(0);
    expect(await shop.mails()).toHaveLength(2);
  });
});

describe('tasks that come too early', () => {
  it('wait for their order', async () => {
    const shop = await openShop();
    const sent = await shop.cellar.send(orderCreated({ orderId: 1 }));
    await soon(async () => (await sent.state()) === 'RETRY');
    await place(shop);
    expect(await sent.get({ timeoutMs: 20_000 })).toBe(1);
  });

  it('do not send an invoice without a number', async () => {
    const shop = await openShop();
    await place(shop);
    const sent = await shop.cellar.send(paymentCompleted({ orderId: 1 }));
    await soon(async () => (await sent.state()) === 'RETRY');
    expect((await shop.mails()).filter(({ attachments }) => attachments.length > 0)).toEqual([]);
  });
});
