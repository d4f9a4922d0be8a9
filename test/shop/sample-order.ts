import type { Order, OrderDraft, OrderLine } from '../../shared/shop/order.ts';
import { seedProducts } from '../../shared/shop/seed.ts';

/** A moment at which an order is placed. */
export const PLACED_AT = new Date('2026-03-28T10:00:00Z');

const { wines } = seedProducts();

/** The first wines of the catalogue, 1 of the first, 2 of the second and so on. */
export function sampleLines(count: number): OrderLine[] {
  return wines.slice(0, count).map((wine, index) => ({
    wineId: wine.id,
    title: `${wine.name}, ${wine.winery}, ${wine.vintage}`,
    priceCents: wine.priceCents,
    quantity: index + 1,
  }));
}

export function sampleDraft(changes: Partial<OrderDraft> = {}): OrderDraft {
  return {
    customer: {
      firstName: 'Ana',
      lastName: 'Müller',
      email: 'ana@example.com',
      address: '12 Rue des Vignes',
      postalCode: '21200',
      city: 'Beaune',
    },
    lines: sampleLines(2),
    coupon: undefined,
    currency: 'EUR',
    placedAt: PLACED_AT,
    accessToken: 'token-of-the-sample',
    ...changes,
  };
}

/** A paid order with invoice 17. */
export function sampleOrder(changes: Partial<Order> = {}): Order {
  return {
    ...sampleDraft(),
    id: 42,
    status: 'paid',
    payment: { id: 'cs_1', paidAt: new Date('2026-03-28T10:05:00Z') },
    invoice: { number: 17, issuedAt: new Date('2026-03-28T10:05:01Z') },
    ...changes,
  };
}
