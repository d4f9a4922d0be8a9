import type { Page } from 'playwright-core';

/** What a customer types at the checkout, by the labels of its fields. */
const FIELDS = {
  'First name': 'Ana',
  'Last name': 'Müller',
  'E-mail': 'ana@example.com',
  Address: '12 Rue des Vignes',
  'Postal code': '21200',
  City: 'Beaune',
};

export async function fillCustomerForm(page: Page): Promise<void> {
  for (const [label, value] of Object.entries(FIELDS)) await page.getByLabel(label, { exact: true }).fill(value);
}
