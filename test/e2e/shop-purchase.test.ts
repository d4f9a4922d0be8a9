/** A customer buys wine in a real browser, from the whole shop as `npm start` runs it. */
import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { runStaff } from '../../functions/staff/run-staff.ts';
import { openBrowser, type TestBrowser } from '../support/browser.ts';
import { fillCustomerForm } from '../support/customer-form.ts';
import { requires } from '../support/requires.ts';
import { mailsOf, type RunningShop, startShop, temporaryFolder, until } from '../support/running-shop.ts';

/** A browser on a busy machine takes its time. */
const TEST_TIMEOUT_MS = 120_000;

const withBrowser = requires('chromium') ? describe : describe.skip;

withBrowser('a purchase in the browser', () => {
  const data = temporaryFolder();
  let shop: RunningShop;
  let browser: TestBrowser;
  let page: Page;
  let faults: string[] = [];

  beforeAll(async () => {
    shop = await startShop(data.path);
  });
  afterAll(async () => {
    await shop.stop();
    data.remove();
  });

  beforeEach(async () => {
    browser = await openBrowser();
    browser.context.setDefaultTimeout(15_000);
    page = await browser.context.newPage();
    faults = [];
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('console', (message) => {
      // A refused form is part of the test; everything else that the console complains about is not.
      if (message.type() === 'error' && !message.text().includes('422')) faults.push(message.text());
    });
  });
  afterEach(async () => {
    await browser.close();
    expect(faults).toEqual([]);
  });

  async function putIntoCart(...names: readonly string[]): Promise<void> {
    await page.goto(shop.url);
    for (const name of names) await page.getByRole('button', { name: `Add ${name} to cart` }).click();
  }

  async function accessibilityFaults(): Promise<readonly string[]> {
    const { violations } = await new AxeBuilder({ page }).analyze();
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
  }

  it(
    'finds wine, buys it with a coupon, pays, and gets both mails and the invoice',
    async () => {
      await page.goto(shop.url);
      await page.getByLabel('Search').fill('chateau merlot');
      await page.getByText('2 wines', { exact: true }).waitFor();
      await page.getByLabel('Search').fill('');
      await page.getByText('Rosé', { exact: true }).click();
      await page.getByText('2 wines', { exact: true }).waitFor();
      await page.getByRole('button', { name: 'Add Tavel Rosé to cart' }).click();
      await page.getByText('All', { exact: true }).click();
      await page.getByRole('button', { name: 'Add Pauillac to cart' }).click();
      await page.getByRole('link', { name: 'Cart (2)' }).click();

      await page.getByLabel('Bottles of Pauillac').fill('2');
      await page.getByLabel('Coupon').fill('welcome10');
      await page.getByRole('button', { name: 'Apply' }).click();
      await page.getByText('€111.51').waitFor();

      await page.getByRole('button', { name: 'Place order' }).click();
      await page.getByText('First name must be 1 to 50 characters on one line.').waitFor();
      expect(await page.locator(':focus').getAttribute('id')).toBe('firstName');

      await fillCustomerForm(page);
      await page.getByRole('button', { name: 'Place order' }).click();
      await page.getByRole('button', { name: 'Pay €111.51' }).click();
      await page.getByText('Your payment has arrived', { exact: false }).waitFor();
      await page.getByText('ana@example.com').waitFor();

      await page.getByRole('link', { name: 'Open the mailbox' }).click();
      const confirmation = page.getByRole('link', { name: 'Order nr. 1' });
      const invoice = page.getByRole('link', { name: 'My Shop - Invoice no. 1' });
      await expectSoon(page, confirmation);
      await expectSoon(page, invoice);
      await invoice.click();
      await page.getByText('Please, find attached the invoice for your recent purchase.').waitFor();
      const url = await page.getByRole('link', { name: 'order_1.pdf' }).getAttribute('href');
      const pdf = await page.request.get(`${shop.url}${url}`);
      expect(pdf.headers()['content-type']).toBe('application/pdf');
      if (requires('pdftotext'))
        expect(await textOfPdf(await pdf.body())).toMatch(/Invoice no\. 1[\s\S]*Total +€111\.51/);
      expect(await mailsOf(shop.url)).toHaveLength(2);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'is one order when the button is pressed twice, and the cart is empty after it',
    async () => {
      await putIntoCart('Tavel Rosé');
      await page.getByRole('link', { name: 'Cart (1)' }).click();
      await fillCustomerForm(page);
      const before = (await mailsOf(shop.url)).length;
      await page.getByRole('button', { name: 'Place order' }).dblclick();
      await page.waitForURL('**/pay/*');
      const id = Number(page.url().split('/').at(-1));
      expect((await fetch(`${shop.url}/api/orders/${id + 1}`)).status).toBe(404);
      await page.getByRole('button', { name: 'Cancel' }).click();
      await page.getByText('Nothing was paid', { exact: false }).waitFor();
      await page.getByRole('link', { name: 'Pay after all' }).click();
      await page.getByRole('button', { name: 'Pay €15.90' }).click();
      await page.getByText('Your payment has arrived', { exact: false }).waitFor();
      await page.goto(`${shop.url}/checkout`);
      await page.getByText('Your cart is empty.', { exact: false }).waitFor();
      await expectMails(before + 2);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'works with the keyboard alone',
    async () => {
      await page.goto(shop.url);
      await page.getByText('28 wines').waitFor();
      await page.keyboard.press('Tab');
      expect(await page.locator(':focus').textContent()).toBe('Skip to content');
      await page.getByLabel('Search').focus();
      await page.keyboard.type('barolo');
      await page.getByText('1 wine', { exact: true }).waitFor();
      await page.getByRole('button', { name: "Add Barolo Serralunga d'Alba to cart" }).focus();
      await page.keyboard.press('Enter');
      await page.getByRole('link', { name: 'Cart (1)' }).focus();
      await page.keyboard.press('Enter');
      await fillCustomerForm(page);
      await page.keyboard.press('Enter');
      await page.getByRole('button', { name: 'Pay €56.50' }).focus();
      await page.keyboard.press('Enter');
      await page.getByText('Thank you for your order').waitFor();
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'says which wine was taken off sale while it was in the cart',
    async () => {
      const staff = (...words: readonly string[]) => runStaff(words, { CELLAR_DATA_DIR: data.path });
      await putIntoCart('Pauillac', 'Tavel Rosé');
      await page.getByRole('link', { name: 'Cart (2)' }).click();
      await fillCustomerForm(page);
      const kept = join(data.path, 'tavel.json');
      const { wines } = JSON.parse((await staff('wines')).text);
      await writeFile(
        kept,
        JSON.stringify({ wines: wines.filter(({ id }: { readonly id: string }) => id === 'tavel-rose') }),
      );
      await staff('withdraw', 'tavel-rose');
      await page.getByRole('button', { name: 'Place order' }).click();
      await page.getByText('Tavel Rosé: This wine is not in the catalogue.').waitFor();
      await staff('save', kept);
      await page.getByRole('button', { name: 'Place order' }).click();
      await page.getByRole('button', { name: 'Pay €69.90' }).waitFor();
    },
    TEST_TIMEOUT_MS,
  );

  it.each([
    [390, 'light'],
    [1280, 'dark'],
  ] as const)(
    'fits a window of %i pixels and has no accessibility fault in %s colours',
    async (width, colorScheme) => {
      await page.setViewportSize({ width, height: 844 });
      await page.emulateMedia({ colorScheme });
      await putIntoCart('Tavel Rosé');
      for (const path of [
        '/',
        '/wine?id=tavel-rose',
        '/checkout',
        '/pay/1',
        '/success?order=1',
        '/cancelled?order=1',
        '/dev/mailbox',
      ]) {
        await page.goto(`${shop.url}${path}`);
        await page.locator('h1').first().waitFor();
        expect([path, await accessibilityFaults()]).toEqual([path, []]);
        const overflow = await page.evaluate<number>('document.documentElement.scrollWidth - window.innerWidth');
        expect([path, overflow <= 0]).toEqual([path, true]);
      }
    },
    TEST_TIMEOUT_MS,
  );

  async function expectMails(count: number): Promise<void> {
    await until(async () => (await mailsOf(shop.url)).length >= count, 15_000);
    expect(await mailsOf(shop.url)).toHaveLength(count);
  }

  async function textOfPdf(pdf: Buffer): Promise<string> {
    const file = join(data.path, 'invoice.pdf');
    await writeFile(file, pdf);
    return spawnSync('pdftotext', ['-layout', file, '-'], { encoding: 'utf8' }).stdout;
  }
});

/** Loads the page again until it shows what is awaited. */
async function expectSoon(page: Page, target: ReturnType<Page['getByRole']>): Promise<void> {
  await until(async () => {
    if ((await target.count()) === 0) await page.reload();
    return (await target.count()) === 1;
  }, 15_000);
}
