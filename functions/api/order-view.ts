/** Orders as the API shows them. Amounts are whole cents, times ISO 8601. */
import { costOf, type Order, orderNumber, totalsOf } from '../../shared/shop/order.ts';

/** What anyone may see. */
export function publicView(order: Order) {
  const { id, status, currency } = order;
  return { id, number: orderNumber(order), status, total: totalsOf(order).totalCents, currency };
}

/** The answer to the one who placed it; the same at every repeat, whatever has become of the order since. */
export function receiptView(order: Order) {
  const { subtotalCents, discountCents } = totalsOf(order);
  return {
    ...publicView(order),
    status: 'pending' as const,
    subtotal: subtotalCents,
    discount: discountCents,
    couponCode: order.coupon?.code ?? null,
    items: order.lines.map((line) => ({
      wineId: line.wineId,
      title: line.title,
      quantity: line.quantity,
      price: line.priceCents,
      cost: costOf(line),
    })),
    placedAt: order.placedAt.toISOString(),
    accessToken: order.accessToken,
  };
}

/** Everything, for whoever shows the access token. */
export function fullView(order: Order) {
  const { accessToken: _, ...receipt } = receiptView(order);
  return {
    ...receipt,
    status: order.status,
    customer: order.customer,
    paidAt: order.payment?.paidAt.toISOString() ?? null,
    invoiceNumber: order.invoice?.number ?? null,
  };
}
