import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  mailsOf,
  type PlacedOrder,
  postOrder,
  postPayment,
  startShop,
  temporaryFolder,
  until,
} from '../support/running-shop.ts';

describe('a shop killed right after it answered', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  beforeEach(() => {
    folder = temporaryFolder();
  });
  afterEach(() => folder.remove());

  it('sends each mail once after it was started again', async () => {
    const first = await startShop(folder.path);
    const placed = await postOrder(first.url, 'kill-1');
    await first.kill();
    expect(placed.status).toBe(201);
    const order = (await placed.json()) as PlacedOrder;

    const second = await startShop(folder.path);
    const paid = await postPayment(second.url, folder.path, order.id);
    await second.kill();
    expect(paid.status).toBe(200);

    const third = await startShop(folder.path);
    try {
      const mails = await until(async () => {
        const found = await mailsOf(third.url);
        return found.length >= 2 ? found : undefined;
      }, 20_000);
      expect(mails.map(({ subject }) => subject).sort()).toEqual([
        `My Shop - Invoice no. ${order.id}`,
        `Order nr. ${order.id}`,
      ]);
      expect(await (await postOrder(third.url, 'kill-1')).json()).toMatchObject({ id: order.id });
      await until(
        async () => (await queuesOf(third.dashboardUrl)).every(({ ready, inFlight }) => ready + inFlight === 0),
        10_000,
      );
      expect(await mailsOf(third.url)).toHaveLength(2);
    } finally {
      expect(await third.stop()).toMatchObject({ code: 0 });
    }
  }, 60_000);

  it('ends within five seconds on Ctrl-C', async () => {
    const shop = await startShop(folder.path);
    await postOrder(shop.url, 'stop-1');
    const { code, ms } = await shop.stop();
    expect(code).toBe(0);
    expect(ms).toBeLessThan(5_000);
  }, 30_000);
});

async function queuesOf(url: string): Promise<readonly { readonly ready: number; readonly inFlight: number }[]> {
  const { queues } = (await (await fetch(`${url}/api/queues`)).json()) as {
    queues: readonly { ready: number; inFlight: number }[];
  };
  return queues;
}
