/** An order: what a customer bought, with prices and coupon as they were at that time. */
import { percentOf } from './money.ts';

/**
 * `pending` → `paid`, or `pending` → `cancelled`; a cancelled order whose payment arrives all the same becomes `paid`:
 * the money has moved.
 */
export type OrderStatus = 'pending' | 'paid' | 'cancelled';

export interface Customer {
  readonly firstName: string;
  readonly lastName: string;
  readonly email: string;
  readonly address: string;
  readonly postalCode: string;
  readonly city: string;
}

export interface OrderLine {
  readonly wineId: string;
  /** Name, winery and vintage, as on the label. */
  readonly title: string;
  readonly priceCents: number;
  readonly quantity: number;
}

export interface AppliedCoupon {
  readonly code: string;
  readonly percent: number;
}

/** An order before it has an id. */
export interface OrderDraft {
  readonly customer: Customer;
  readonly lines: readonly OrderLine[];
  readonly coupon: AppliedCoupon | undefined;
  readonly currency: 'EUR';
  readonly placedAt: Date;
  /** Whoever shows it may read the whole order. */
  readonly accessToken: string;
}

export interface Payment {
  /** The provider's id of the checkout session. */
  readonly id: string;
  readonly paidAt: Date;
}

export interface Invoice {
  /** 1, 2, 3, … without gaps. */
  readonly number: number;
  readonly issuedAt: Date;
}

export interface Order extends OrderDraft {
  /** 1, 2, 3, …; gaps are allowed. */
  readonly id: number;
  readonly status: OrderStatus;
  readonly payment: Payment | undefined;
  readonly invoice: Invoice | undefined;
}

export interface Totals {
  readonly subtotalCents: number;
  readonly discountCents: number;
  readonly totalCents: number;
}

/** Sum of the lines, the coupon's discount (subtotal × percent / 100) and what is left to pay. */
export function totalsOf({ lines, coupon }: Pick<OrderDraft, 'lines' | 'coupon'>): Totals {
  const subtotalCents = lines.reduce((sum, line) => sum + costOf(line), 0);
  const discountCents = coupon === undefined ? 0 : percentOf(subtotalCents, coupon.percent);
  return { subtotalCents, discountCents, totalCents: subtotalCents - discountCents };
}

/** Price × quantity, in cents. */
export function costOf(line: Pick<OrderLine, 'priceCents' | 'quantity'>): number {
  return line.priceCents * line.quantity;
}

/** The number that people read: the year in which it was placed and its id, `2026-000042`. */
export function orderNumber({ id, placedAt }: Pick<Order, 'id' | 'placedAt'>): string {
  return `${placedAt.getUTCFullYear()}-${String(id).padStart(6, '0')}`;
}
