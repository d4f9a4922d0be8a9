/** The whole system on ministack, deployed once by the ordinary cdk. */
import { afterAll, beforeAll, describe, jest } from '@jest/globals';
import { type DeployedShop, deployShop } from '../support/aws/deployed-shop.ts';
import { hasEmulator } from '../support/aws/emulator.ts';
import { browser } from './aws/browser.ts';
import { deadLetters } from './aws/dead-letters.ts';
import { outbox } from './aws/outbox.ts';
import { purchase } from './aws/purchase.ts';
import { time } from './aws/time.ts';

/** Bundles everything and makes every resource, on a busy machine. */
const DEPLOY_TIMEOUT_MS = 180_000;
jest.setTimeout(90_000);

(hasEmulator('ministack') ? describe : describe.skip)('the shop on AWS', () => {
  let deployed: DeployedShop;
  const shop = () => deployed;

  beforeAll(async () => {
    deployed = await deployShop();
  }, DEPLOY_TIMEOUT_MS);
  afterAll(() => deployed?.stop());

  describe('a purchase', () => purchase(shop));
  describe('a browser', () => browser(shop));
  describe('the outbox', () => outbox(shop));
  describe('time', () => time(shop));
  describe('dead letters', () => deadLetters(shop));
});
