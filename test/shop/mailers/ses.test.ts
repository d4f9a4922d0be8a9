import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AwsCalls } from 'cellar/aws';
import { orderCreatedMail, paymentCompletedMail } from '../../../shared/shop/mail.ts';
import { parseMail } from '../../../shared/shop/mailbox/parse-mail.ts';
import type { Mailer } from '../../../shared/shop/mailer.ts';
import { mailBytes } from '../../../shared/shop/mailers/compose.ts';
import { openSesMailer } from '../../../shared/shop/mailers/ses.ts';
import { EMULATED_ACCOUNT, hasEmulator } from '../../support/aws/emulator.ts';
import { type EmulatedAws, startEmulatedAws } from '../emulated-aws.ts';
import { sampleDraft, sampleOrder } from '../sample-order.ts';

const FROM = 'wine@example.com';

describe('the bytes of a mail', () => {
  it('end their lines as RFC 5322 wants', async () => {
    const mail = { ...orderCreatedMail(sampleOrder()), text: 'one\ntwo\r\nthree' };
    const text = (await mailBytes(mail, { from: FROM, taskId: 't' })).toString();
    expect(text.match(/\n/g)?.length).toBeGreaterThan(8);
    expect(text.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
  });

  it('have a Message-ID from the task and the sender, the same at every repeat', async () => {
    const bytes = () => mailBytes(orderCreatedMail(sampleOrder()), { from: FROM, taskId: 'a b@c' });
    expect(parseMail(await bytes())).toMatchObject({ from: FROM, messageId: '<a=20b=40c@example.com>' });
    expect(parseMail(await bytes())).toEqual(parseMail(await bytes()));
  });

  it.each([
    'ana@example.com\r\nBcc: eve@example.com',
    'ana@example.com, eve@example.com',
    'Ana <ana@example.com>',
    'ana',
    '',
  ])('are not made for %j', async (address) => {
    const order = sampleOrder({ customer: { ...sampleDraft().customer, email: address } });
    await expect(mailBytes(orderCreatedMail(order), { from: FROM, taskId: 't' })).rejects.toThrow('allowed: one');
    const fine = orderCreatedMail(sampleOrder());
    await expect(mailBytes(fine, { from: address, taskId: 't' })).rejects.toThrow('allowed: one');
  });
});

const withMinistack = hasEmulator('ministack') ? describe : describe.skip;

withMinistack('the mailer on SES', () => {
  let aws: EmulatedAws;
  let mailer: Mailer;
  beforeAll(async () => {
    aws = await startEmulatedAws();
    mailer = openSesMailer({ calls: aws.calls, from: FROM });
  });
  afterAll(() => aws?.stop());

  it('hands over the mail', async () => {
    expect(await mailer.send(paymentCompletedMail(sampleOrder(), new Uint8Array(5_000)), 'task-1')).toBe(1);
    // The emulator shows what it read of a mail: no attachments. What is sent, the next test looks at.
    const sent = JSON.parse(await (await fetch(`${aws.endpoint}/_ministack/ses/messages`)).text());
    expect(sent.messages[EMULATED_ACCOUNT]).toMatchObject([
      { Source: FROM, To: ['ana@example.com'], Subject: 'My Shop - Invoice no. 42', Type: 'v2.SendEmail' },
    ]);
  });

  it('sends attachments byte for byte', async () => {
    const raw: Uint8Array[] = [];
    const recording: Pick<AwsCalls, 'call'> = {
      call(operation, input, options) {
        if ('Raw' in input) raw.push(input.Raw);
        return aws.calls.call(operation, input, options);
      },
    };
    const pdf = Uint8Array.from({ length: 5_000 }, (_, index) => index % 256);
    await openSesMailer({ calls: recording, from: FROM }).send(paymentCompletedMail(sampleOrder(), pdf), 'task-1');
    const mail = parseMail(Buffer.from(raw[0] ?? []));
    expect(mail).toMatchObject({ from: FROM, to: 'ana@example.com', messageId: '<task-1@example.com>' });
    expect(mail.attachments[0]?.content.equals(Buffer.from(pdf))).toBe(true);
  });
});
