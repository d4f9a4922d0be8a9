import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { paymentCompletedMail } from '../../../shared/shop/mail.ts';
import { openMailboxMailer } from '../../../shared/shop/mailers/mailbox.ts';
import { sampleOrder } from '../../shop/sample-order.ts';
import { CUSTOMER, ORDER, openTestShop, orderRequest, type TestShop } from '../shop-harness.ts';

let shop: TestShop;

beforeEach(async () => {
  shop = await openTestShop();
});
afterEach(() => shop.close());

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const press = (action: string, headers: Readonly<Record<string, string>> = {}) =>
  shop.request('POST', '/pay/1', { headers: { ...FORM, ...headers }, body: `action=${action}` });
const statusOfOrder = async () => (await shop.request('GET', '/api/orders/1')).body.status;

describe('the pages', () => {
  it.each(['/', '/checkout', '/wine', '/success', '/cancelled', '/dev/mailbox'])(
    'at %s allow only their own scripts and no frames',
    async (path) => {
      const page = await shop.request('GET', path);
      expect(page.status).toBe(200);
      expect(page.headers['content-type']).toMatch(/^text\/html/);
      const policy = page.headers['content-security-policy'] ?? '';
      for (const rule of ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"]) {
        expect(policy).toContain(rule);
      }
      expect(policy).not.toContain('unsafe');
      expect(page.text).not.toMatch(/<script(?![^>]*\ssrc=)|\sstyle=|\son\w+=/);
    },
  );

  it('say so in the same dress where there is none', async () => {
    const page = await shop.request('GET', '/nothing', { headers: { accept: 'text/html' } });
    expect(page.status).toBe(404);
    expect(page.text).toContain('There is no such page');
    expect(page.headers['content-security-policy']).toContain("default-src 'none'");
  });

  it('load only what is there', async () => {
    for (const path of ['/', '/checkout', '/wine', '/success', '/cancelled']) {
      const { text } = await shop.request('GET', path);
      const assets = [...text.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map(([, asset]) => asset ?? '');
      expect(assets.length).toBeGreaterThan(2);
      for (const asset of assets) expect([asset, (await shop.request('GET', asset)).status]).toEqual([asset, 200]);
    }
  });

  it('are not sent again when the browser has them', async () => {
    const first = await shop.request('GET', '/assets/shop.css');
    const again = await shop.request('GET', '/assets/shop.css', {
      headers: { 'if-none-match': first.headers.etag ?? '' },
    });
    expect([again.status, again.text]).toEqual([304, '']);
  });
});

describe('the payment page', () => {
  beforeEach(() => shop.request('POST', '/api/orders', orderRequest('k1', { ...ORDER, couponCode: 'WELCOME10' })));

  it('shows what is to pay', async () => {
    const page = await shop.request('GET', '/pay/1');
    expect(page.text).toContain('€111.51');
    expect(page.text).toContain('Coupon WELCOME10, 10% off');
    expect(page.text).not.toContain(CUSTOMER.email);
    expect((await shop.request('GET', '/pay/2')).status).toBe(404);
    expect((await shop.request('GET', '/pay/x')).status).toBe(404);
  });

  it('pays through the webhook, once', async () => {
    const answer = await press('pay');
    expect([answer.status, answer.headers.location]).toEqual([303, '/success?order=1']);
    await press('pay');
    expect(await statusOfOrder()).toBe('paid');
    expect(await shop.waiting('invoices')).toBe(1);
    expect((await shop.request('GET', '/pay/1')).text).not.toContain('<form');
  });

  it('cancels, and lets the customer pay after all', async () => {
    const answer = await press('cancel');
    expect([answer.status, answer.headers.location]).toEqual([303, '/cancelled?order=1']);
    expect(await statusOfOrder()).toBe('cancelled');
    expect(await shop.waiting('invoices')).toBe(0);
    await press('pay');
    expect(await statusOfOrder()).toBe('paid');
  });

  it('takes no press from another site', async () => {
    expect((await press('pay', { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect(await statusOfOrder()).toBe('pending');
    expect((await press('pay', { 'sec-fetch-site': 'same-origin' })).status).toBe(303);
  });
});

describe('the mailbox pages', () => {
  const asJson = { headers: { accept: 'application/json' } };

  beforeEach(async () => {
    const mailer = await openMailboxMailer({ folder: shop.shopSettings.mailboxFolder, from: 'admin@myshop.com' });
    await mailer.send(paymentCompletedMail(sampleOrder(), Buffer.from('%PDF-1.3 test')), 'task-1');
  });

  it('answer JSON with all mails and links to their attachments', async () => {
    const list = JSON.parse((await shop.request('GET', '/dev/mailbox', asJson)).text);
    expect(list).toMatchObject([
      {
        id: 'task-1',
        to: 'ana@example.com',
        from: 'admin@myshop.com',
        subject: 'My Shop - Invoice no. 42',
        date: '2026-03-28T10:05:01.000Z',
        text: 'Please, find attached the invoice for your recent purchase.',
        attachments: [{ filename: 'order_42.pdf', contentType: 'application/pdf', size: 13 }],
      },
    ]);
    const file = await shop.request('GET', list[0].attachments[0].url);
    expect([file.headers['content-type'], file.text]).toEqual(['application/pdf', '%PDF-1.3 test']);
    expect(file.headers['content-disposition']).toBe('inline; filename="order_42.pdf"');
  });

  it('show list and mail as pages, with all text escaped', async () => {
    const mail = 'From: <script>alert(1)</script>\r\nSubject: <img src=x>\r\n\r\n<b>bold</b>';
    await writeFile(join(shop.shopSettings.mailboxFolder, 'evil.eml'), mail);
    for (const path of ['/dev/mailbox', '/dev/mailbox/evil']) {
      const { text } = await shop.request('GET', path);
      expect(text).toContain('&lt;img src=x&gt;');
      expect(text).not.toMatch(/<img|<script|<b>/);
    }
  });

  it('answer 404 for a mail or an attachment that is not there', async () => {
    for (const path of ['none', '..%2f..%2fcellar', 'task-1/attachments/1', 'task-1/attachments/x']) {
      expect((await shop.request('GET', `/dev/mailbox/${path}`)).status).toBe(404);
    }
  });

  it('show the newest page by page', async () => {
    const mailer = await openMailboxMailer({ folder: shop.shopSettings.mailboxFolder, from: 'admin@myshop.com' });
    for (let index = 0; index < 60; index++) {
      await mailer.send(paymentCompletedMail(sampleOrder({ id: index }), Buffer.from('x')), `many-${index}`);
    }
    const rows = async (page: string) =>
      (await shop.request('GET', `/dev/mailbox?page=${page}`)).text.match(/mail-subject/g)?.length;
    expect([await rows('1'), await rows('2'), await rows('99'), await rows('x')]).toEqual([50, 11, 11, 50]);
  });
});
