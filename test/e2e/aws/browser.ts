/** The deployed pages and the dashboard in a real browser, which finds API Gateway's host names below localhost. */
import { expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import type { DeployedShop } from '../../support/aws/deployed-shop.ts';
import { openBrowser } from '../../support/browser.ts';
import { fillCustomerForm } from '../../support/customer-form.ts';
import { requires } from '../../support/requires.ts';
import { until } from '../../support/running-shop.ts';

const SOON_MS = 30_000;

/** A page of a browser that is closed when the work is done, or has failed. */
async function withPage(work: (page: Page) => Promise<void>): Promise<void> {
  const { context, close } = await openBrowser();
  context.setDefaultTimeout(15_000);
  try {
    await work(await context.newPage());
  } finally {
    await close();
  }
}

export function browser(shop: () => DeployedShop): void {
  const withBrowser = requires('chromium') ? it : it.skip;

  withBrowser('buys wine on the pages, pays, and gets both mails', async () => {
    await withPage(async (page) => {
      await page.goto(shop().web);
      await page.getByRole('button', { name: 'Add Tavel Rosé to cart' }).click();
      await page.getByRole('link', { name: 'Cart (1)' }).click();
      await fillCustomerForm(page);
      await page.getByRole('button', { name: 'Place order' }).click();
      await page.getByRole('button', { name: 'Pay €15.90' }).click();
      await page.getByText('Your payment has arrived', { exact: false }).waitFor();
    });
    const mails = () =>
      shop()
        .mails()
        .filter(({ to }) => to.includes('ana@example.com'));
    await until(() => mails().length === 2, SOON_MS);
    expect(mails()[1]?.subject).toMatch(/^My Shop - Invoice no\. \d+$/);
  });

  withBrowser('shows its tasks on the dashboard, to those who know the password', () =>
    withPage(async (page) => {
      expect((await fetch(shop().dashboard)).status).toBe(401);
      await page.setExtraHTTPHeaders(shop().dashboardHeaders);
      await page.goto(shop().dashboard);
      await page.getByText('payment.tasks.payment_completed').first().waitFor();
    }),
  );
}
