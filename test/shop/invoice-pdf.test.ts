import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { invoicePdf } from '../../shared/shop/invoice-pdf.ts';
import type { Order } from '../../shared/shop/order.ts';
import { requires } from '../support/requires.ts';
import { sampleDraft, sampleLines, sampleOrder } from './sample-order.ts';

const withPdftotext = requires('pdftotext') ? it : it.skip;
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'invoice-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** The text as a person would read it: one blank between words. */
async function textOf(order: Order): Promise<string> {
  const file = join(folder, 'invoice.pdf');
  await writeFile(file, await invoicePdf(order));
  const { stdout, status } = spawnSync('pdftotext', ['-layout', file, '-'], { encoding: 'utf8' });
  expect(status).toBe(0);
  return stdout.replace(/[ \t]+/g, ' ');
}

describe('invoicePdf', () => {
  withPdftotext('says number, date, whom it is for, what was bought, and that it is paid', async () => {
    const text = await textOf(sampleOrder({ coupon: { code: 'WELCOME10', percent: 10 } }));
    expect(text).toContain('Invoice no. 17');
    expect(text).toContain('Mar 28, 2026');
    for (const line of ['Bill to', 'Ana Müller', '12 Rue des Vignes', '21200 Beaune', 'ana@example.com']) {
      expect(text).toContain(line);
    }
    expect(text).toMatch(/Product Price Quantity Cost/);
    expect(text).toContain('Pommard Clos Micault, Maison Aubertin, 2020 €62.00 2 €124.00');
    expect(text).toMatch(/Subtotal €158\.50/);
    expect(text).toMatch(/"WELCOME10" coupon \(10% off\) -€15\.85/);
    expect(text).toMatch(/Total €142\.65/);
    expect(text).toContain('Paid');
    expect(text).not.toContain('Pending payment');
  });

  withPdftotext('marks an order that is not paid, and has no coupon lines without a coupon', async () => {
    const text = await textOf(sampleOrder({ status: 'pending', payment: undefined, invoice: undefined }));
    expect(text).toContain('Pending payment');
    expect(text).not.toContain('Paid');
    expect(text).not.toContain('Subtotal');
    expect(text).toMatch(/Total €158\.50/);
  });

  withPdftotext('writes names in other scripts', async () => {
    const customer = { ...sampleDraft().customer, firstName: 'Łukasz', lastName: 'Żółć', city: 'Αθήνα' };
    const text = await textOf(sampleOrder({ customer }));
    expect(text).toContain('Łukasz Żółć');
    expect(text).toContain('21200 Αθήνα');
  });

  withPdftotext('goes on to further pages with many lines and a long address', async () => {
    const customer = { ...sampleDraft().customer, address: 'Rue '.repeat(62) };
    const lines = [...sampleLines(28), ...sampleLines(22)];
    const text = await textOf(sampleOrder({ customer, lines }));
    const pages = text.split('\f').filter((page) => page.trim() !== '');
    expect(pages.length).toBeGreaterThan(1);
    expect(pages.every((page, index) => page.includes(`Page ${index + 1} of ${pages.length}`))).toBe(true);
    expect(text.match(/€34\.50 1 €34\.50/g)).toHaveLength(2);
    expect(pages.at(-1)).toContain('Total');
  });

  it('is the same document for the same order', async () => {
    const order = sampleOrder();
    expect((await invoicePdf(order)).equals(await invoicePdf(order))).toBe(true);
  });
});
