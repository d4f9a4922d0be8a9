/** The daily sales report: one CSV line for each line of each paid order (RFC 4180). */
import { decimalText } from './money.ts';
import { costOf, type Order, orderNumber, totalsOf } from './order.ts';
import { slashedDateText } from './time-zone.ts';

const COLUMNS = [
  'Order',
  'Invoice',
  'Placed',
  'Paid',
  'Wine',
  'Price',
  'Quantity',
  'Cost',
  'Coupon',
  'Order discount',
  'Order total',
  'Currency',
];

/** Text of the report, dates as dd/mm/YYYY, amounts with two decimals, lines ended by CRLF. */
export function salesReportCsv(orders: readonly Order[]): string {
  const rows = orders.flatMap((order) => {
    const { discountCents, totalCents } = totalsOf(order);
    return order.lines.map((line) => [
      orderNumber(order),
      String(order.invoice?.number ?? ''),
      slashedDateText(order.placedAt),
      order.payment === undefined ? '' : slashedDateText(order.payment.paidAt),
      line.title,
      decimalText(line.priceCents),
      String(line.quantity),
      decimalText(costOf(line)),
      order.coupon?.code ?? '',
      decimalText(discountCents),
      decimalText(totalCents),
      order.currency,
    ]);
  });
  return [COLUMNS, ...rows].map((row) => `${row.map(csvField).join(',')}\r\n`).join('');
}

/** Quoted where it must be. */
function csvField(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
