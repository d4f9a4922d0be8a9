/** Messages that cannot be done, and what does not suffer from them. */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Cellar, TaskView } from 'cellar';
import { emulatorRequest } from '../../../functions/local/deploy/emulator-request.ts';
import { issueInvoice } from '../../../shared/shop/tasks.ts';
import { openClientOf, PREFIX } from '../../support/aws/deployed-client.ts';
import { type DeployedShop, placeOrder } from '../../support/aws/deployed-shop.ts';
import { EMULATED_ACCOUNT } from '../../support/aws/emulator.ts';
import { type PlacedOrder, postSignedPayment, until } from '../../support/running-shop.ts';

const SOON_MS = 30_000;

export function deadLetters(shop: () => DeployedShop): void {
  let cellar: Cellar;
  let paid: PlacedOrder;
  let unpaid: PlacedOrder;

  const pay = ({ id: orderId }: PlacedOrder) =>
    postSignedPayment(shop().api, { secret: shop().webhookSecret, orderId });
  const dead = async (queue: string) =>
    (await shop().ask<{ readonly dead: readonly TaskView[] }>(`queues/${queue}/dead`)).dead;

  beforeAll(async () => {
    cellar = await openClientOf(shop());
    [paid, unpaid] = [await placeOrder(shop(), 'e2e-paid'), await placeOrder(shop(), 'e2e-unpaid')];
    await pay(paid);
  });
  afterAll(() => cellar.close());

  it('has a message that is none dead-lettered with its reason, and runs what stands in another group', async () => {
    await emulatorRequest(shop().endpoint, 'sqs:SendMessage', {
      QueueUrl: `${shop().endpoint}/${EMULATED_ACCOUNT}/${PREFIX}-invoices.fifo`,
      MessageBody: 'not a message',
      MessageGroupId: 'poison',
      MessageDeduplicationId: 'poison',
    });
    const innocent = await cellar.send(issueInvoice({ orderId: paid.id }), { messageGroup: 'innocent' });
    expect(await innocent.get({ timeoutMs: SOON_MS })).toEqual(expect.any(Number));
    const [letter] = await until(
      async () => ((await dead('invoices')).length > 0 ? dead('invoices') : undefined),
      SOON_MS,
    );
    expect(letter?.reason).toContain('text/plain'); // what no envelope says of itself
    expect(await cellar.admin.redrive('invoices')).toBe(1);
    await until(async () => (await dead('invoices')).length === 1, SOON_MS); // it is none still
  });

  it('does the other three of a group whose head is refused', async () => {
    const messageGroup = 'four';
    const head = await cellar.send(issueInvoice({ orderId: unpaid.id }), { messageGroup });
    const others = await cellar.sendAll(
      [1, 2, 3].map(() => issueInvoice({ orderId: paid.id })),
      { messageGroup },
    );
    const numbers = await Promise.all(others.map((sent) => sent.get({ timeoutMs: SOON_MS })));
    expect(new Set(numbers).size).toBe(1);
    const letter = await until(async () => (await dead('invoices')).find(({ id }) => id === head.id), SOON_MS);
    expect(letter.reason).toContain(`order ${unpaid.id} is not paid`);
  });

  it('redrives it, and it succeeds after the fix', async () => {
    const letter = (await dead('invoices')).find(({ task }) => task === 'invoices.tasks.issue_invoice');
    await pay(unpaid);
    await until(async () => {
      const answer = await fetch(`${shop().api}/api/orders/${unpaid.id}`);
      return ((await answer.json()) as { readonly status: string }).status === 'paid';
    }, SOON_MS);
    await cellar.admin.redrive('invoices');
    const done = await until(async () => {
      const { task } = await shop().ask<{ readonly task: TaskView }>(`tasks/${letter?.id}`);
      return task.state === 'SUCCESS' ? task : undefined;
    }, SOON_MS);
    expect(done.generation).toBe(1);
    expect(Number(done.result)).toBeGreaterThan(0);
  });
}
