import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { orderCreatedMail, paymentCompletedMail, paymentReminderMail } from '../../shared/shop/mail.ts';
import { openMailbox } from '../../shared/shop/mailbox.ts';
import type { Mailer } from '../../shared/shop/mailer.ts';
import { mailFilename, openMailboxMailer } from '../../shared/shop/mailers/mailbox.ts';
import { PLACED_AT, sampleDraft, sampleOrder } from './sample-order.ts';

let folder = '';
let mailer: Mailer;

beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'mailbox-')), 'mails');
  mailer = await openMailboxMailer({ folder, from: 'admin@myshop.com' });
});
afterEach(() => rm(join(folder, '..'), { recursive: true }));

describe('the mails', () => {
  it('have the texts of the original, with the blank that it misses', () => {
    expect(orderCreatedMail(sampleOrder())).toMatchObject({
      to: 'ana@example.com',
      subject: 'Order nr. 42',
      text: 'Dear Ana,\n\nYou have successfully placed an order. Your order ID is 42.',
    });
    expect(paymentCompletedMail(sampleOrder(), new Uint8Array([1]))).toMatchObject({
      subject: 'My Shop - Invoice no. 42',
      text: 'Please, find attached the invoice for your recent purchase.',
      attachments: [{ filename: 'order_42.pdf', contentType: 'application/pdf' }],
    });
    expect(paymentReminderMail(sampleOrder(), PLACED_AT).text).toContain('2026-000042 is not paid yet');
  });
});

describe('the mailbox', () => {
  it('shows what was sent, with its attachment byte for byte', async () => {
    const pdf = Uint8Array.from({ length: 5_000 }, (_, index) => index % 256);
    expect(await mailer.send(paymentCompletedMail(sampleOrder(), pdf), 'task-1')).toBe(1);
    const mailbox = openMailbox(folder);
    expect(await mailbox.list()).toEqual([
      {
        id: 'task-1',
        from: 'admin@myshop.com',
        to: 'ana@example.com',
        subject: 'My Shop - Invoice no. 42',
        date: '2026-03-28T10:05:01.000Z',
        messageId: '<task-1@myshop.com>',
        text: 'Please, find attached the invoice for your recent purchase.',
        attachments: [{ filename: 'order_42.pdf', contentType: 'application/pdf', size: 5_000 }],
      },
    ]);
    const attachment = await mailbox.attachment('task-1', 0);
    expect(attachment?.content.equals(Buffer.from(pdf))).toBe(true);
    expect(await mailbox.attachment('task-1', 1)).toBeUndefined();
  });

  it('holds one mail for a task that ran twice', async () => {
    await mailer.send(orderCreatedMail(sampleOrder()), 'task-1');
    const first = await readFile(join(folder, 'task-1.eml'), 'utf8');
    await mailer.send(orderCreatedMail(sampleOrder()), 'task-1');
    expect(await readdir(folder)).toEqual(['task-1.eml']);
    expect(await readFile(join(folder, 'task-1.eml'), 'utf8')).toBe(first);
  });

  it('keeps any name and text as it was', async () => {
    const mailbox = openMailbox(folder);
    let count = 0;
    const names = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 50 })
      .map((name) => name.replace(/\p{Cc}/gu, '-'));
    await fc.assert(
      fc.asyncProperty(names, async (firstName) => {
        const order = sampleOrder({ customer: { ...sampleDraft().customer, firstName } });
        const id = `task-${count++}`;
        await mailer.send(orderCreatedMail(order), id);
        expect((await mailbox.mail(id))?.text).toBe(orderCreatedMail(order).text);
      }),
      { numRuns: 60 },
    );
  });

  it('lists new mails beside known ones, the newest first, and forgets those that are gone', async () => {
    const mailbox = openMailbox(folder);
    expect(await mailbox.list()).toEqual([]);
    await mailer.send(orderCreatedMail(sampleOrder()), 'older');
    await mailbox.list();
    await mailer.send(orderCreatedMail(sampleOrder({ placedAt: new Date('2026-04-01T00:00:00Z') })), 'newer');
    expect((await mailbox.list()).map(({ id }) => id)).toEqual(['newer', 'older']);
    await rm(join(folder, 'older.eml'));
    expect((await mailbox.list()).map(({ id }) => id)).toEqual(['newer']);
  });

  it('is empty where nothing was ever sent', async () => {
    expect(await openMailbox(join(folder, 'nowhere')).list()).toEqual([]);
  });

  it('does not leave its folder', async () => {
    await writeFile(join(folder, '..', 'secret.eml'), 'Subject: secret\r\n\r\nsecret');
    const mailbox = openMailbox(folder);
    for (const id of ['../secret', '..%2fsecret', '/etc/passwd', '', '.']) {
      expect(await mailbox.mail(id)).toBeUndefined();
    }
  });

  it('gives each task id its own file', () => {
    expect(mailFilename('a:b.c')).toBe('a=3ab=2ec.eml');
    expect(mailFilename('../x')).toBe('=2e=2e=2fx.eml');
  });
});
