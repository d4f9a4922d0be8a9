import { randomUUID } from 'node:crypto';
import process from 'node:process';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { systemRuntime } from 'cellar';
import { handler } from '../../../functions/seed/handler.ts';
import { seedProducts } from '../../../shared/shop/seed.ts';
import { openDynamoStore } from '../../../shared/shop/stores/dynamo.ts';
import { type EmulatedAws, startEmulatedAws } from '../../shop/emulated-aws.ts';
import { makeShopTable } from '../../shop/stores/make-shop-table.ts';
import { EMULATED_REGION, hasEmulator } from '../../support/aws/emulator.ts';
import { toldBy } from '../cloudformation.ts';

const withMinistack = hasEmulator('ministack') ? describe : describe.skip;
const environment = { ...process.env };

withMinistack('the function that puts the first products into the table', () => {
  let aws: EmulatedAws;

  beforeAll(async () => {
    aws = await startEmulatedAws();
    Object.assign(process.env, { AWS_ENDPOINT_URL: aws.endpoint, AWS_REGION: EMULATED_REGION });
  });
  afterAll(async () => {
    await aws?.stop();
    process.env = environment;
  });

  async function newTable() {
    const table = `shop-${randomUUID()}`;
    await makeShopTable(aws.endpoint, table);
    const store = openDynamoStore({ calls: aws.calls, table, runtime: systemRuntime, prepare: () => [] });
    return { table, store };
  }

  it('puts all of them there at the first deployment, and says so', async () => {
    const { table, store } = await newTable();
    expect(await toldBy(handler, 'Create', { table })).toMatchObject({
      Status: 'SUCCESS',
      PhysicalResourceId: `products-of-${table}`,
    });
    const { wines, coupons } = seedProducts();
    expect(await store.wines()).toEqual(wines);
    for (const coupon of coupons) expect(await store.coupon(coupon.code)).toEqual(coupon);
  });

  it('leaves what staff changed at the next one, and everything when its resource is deleted', async () => {
    const { table, store } = await newTable();
    await toldBy(handler, 'Create', { table });
    const [wine, withdrawn] = await store.wines();
    if (wine === undefined || withdrawn === undefined) throw new Error('two wines were expected');
    await store.saveWine({ ...wine, priceCents: 1 });
    await store.withdrawWine(withdrawn.id);
    const changed = await store.wines();
    for (const type of ['Update', 'Delete'] as const) {
      expect(await toldBy(handler, type, { table })).toMatchObject({ Status: 'SUCCESS' });
      expect(await store.wines()).toEqual(changed);
    }
  });

  it('tells CloudFormation why it failed', async () => {
    expect(await toldBy(handler, 'Create', { table: 'no-such-table' })).toMatchObject({
      Status: 'FAILED',
      Reason: expect.stringContaining('ResourceNotFoundException'),
    });
  });
});
