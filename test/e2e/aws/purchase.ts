/** A purchase, with nothing but HTTP to API Gateway. */
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import type { DeployedShop } from '../../support/aws/deployed-shop.ts';
import { attachmentOf, type SentMail } from '../../support/aws/sent-mail.ts';
import { requires } from '../../support/requires.ts';
import { type PlacedOrder, postOrder, postSignedPayment, until } from '../../support/running-shop.ts';

/** Lambda functions start cold, and the emulator looks for messages once a second. */
const SOON_MS = 30_000;

export function purchase(shop: () => DeployedShop): void {
  let order: PlacedOrder;

  it('answers an order at once, and the same to a repeat', async () => {
    const first = await postOrder(shop().api, 'e2e-1');
    expect(first.status).toBe(201);
    order = (await first.json()) as PlacedOrder;
    const again = await postOrder(shop().api, 'e2e-1');
    expect([again.status, await again.json()]).toEqual([201, order]);
  });

  it('confirms it by mail', async () => {
    const mail = await until(() => mailWith(shop(), `Order nr. ${order.id}`), SOON_MS);
    expect(mail.to).toEqual(['ada@example.com']);
  });

  it('takes the payment, and refuses a wrong signature', async () => {
    const { api, webhookSecret: secret } = shop();
    const forged = await postSignedPayment(api, { secret: 'guessed', orderId: order.id });
    expect(forged.status).toBe(400);
    const paid = await postSignedPayment(api, { secret, orderId: order.id });
    expect(paid.status).toBe(200);
    const answer = await fetch(`${api}/api/orders/${order.id}`);
    expect(await answer.json()).toMatchObject({ id: order.id, status: 'paid' });
  });

  it('mails the invoice as a PDF, and keeps it in S3', async () => {
    const mail = await until(() => mailWith(shop(), 'My Shop - Invoice no. 1'), SOON_MS);
    const pdf = attachmentOf(mail, `order_${order.id}.pdf`);
    expect(pdf?.subarray(0, 5).toString()).toBe('%PDF-');
    const kept = await storedFile(shop(), `invoices/order_${order.id}.pdf`);
    expect(kept).toEqual(pdf);
    if (requires('pdftotext')) expect(await textOfPdf(kept)).toMatch(/Invoice no\. 1/);
  });

  it('fans the payment out to three queues, each with a run and a result of its own', async () => {
    const done = await until(async () => {
      const tasks = await shop().tasks('task=orders.tasks.order_paid&state=SUCCESS');
      return tasks.length >= 3 ? tasks : undefined;
    }, SOON_MS);
    expect(done.map(({ queue }) => queue).sort()).toEqual(['invoices', 'mail', 'recommender']);
    expect(new Set(done.map(({ id }) => id)).size).toBe(3);
  });

  it('leaves nothing behind: no dead letter, no third mail', async () => {
    const { queues } = await shop().ask<{ queues: readonly { queue: string; dead: number }[] }>('queues');
    expect(queues.filter(({ dead }) => dead > 0)).toEqual([]);
    expect(shop().mails()).toHaveLength(2);
  });
}

export function mailWith(shop: DeployedShop, subject: string): SentMail | undefined {
  return shop.mails().find((mail) => mail.subject === subject);
}

/** What lies in the bucket of the shop's files. */
export async function storedFile({ endpoint, outputs }: DeployedShop, key: string): Promise<Buffer> {
  const response = await fetch(`${endpoint}/${outputs.FilesBucket}/${key}`);
  if (!response.ok) throw new Error(`${key} is not in the bucket: ${response.status}`);
  return Buffer.from(await response.arrayBuffer());
}

async function textOfPdf(pdf: Buffer): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'cellar-pdf-'));
  const file = join(folder, 'invoice.pdf');
  await writeFile(file, pdf);
  const { stdout } = spawnSync('pdftotext', ['-layout', file, '-'], { encoding: 'utf8' });
  await rm(folder, { recursive: true });
  return stdout;
}
