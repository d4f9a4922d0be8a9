/** Orders as DynamoDB items: what never changes is one JSON text, what does are attributes of their own. */
import type { AttributeValue, Item } from 'cellar/aws';
import * as z from 'zod/mini';
import type { Order, OrderDraft } from '../../order.ts';

const draftSchema = z.object({
  customer: z.object({
    firstName: z.string(),
    lastName: z.string(),
    email: z.string(),
    address: z.string(),
    postalCode: z.string(),
    city: z.string(),
  }),
  lines: z.array(z.object({ wineId: z.string(), title: z.string(), priceCents: z.int(), quantity: z.int() })),
  coupon: z.optional(z.object({ code: z.string(), percent: z.int() })),
  currency: z.literal('EUR'),
  placedAt: z.int(),
  accessToken: z.string(),
});
const statusSchema = z.enum(['pending', 'paid', 'cancelled']);

export function orderKey(id: number): Item {
  return { pk: { S: `order#${id}` }, sk: { S: 'order' } };
}

/** A new order's item. */
export function orderItem(id: number, draft: OrderDraft): Item {
  const text = JSON.stringify({ ...draft, placedAt: draft.placedAt.getTime() });
  return { ...orderKey(id), id: { N: `${id}` }, status: { S: 'pending' }, draft: { S: text } };
}

/** A new order as its item will be read. */
export function placedOrder(id: number, draft: OrderDraft): Order {
  return { ...draft, id, status: 'pending', payment: undefined, invoice: undefined };
}

/** @throws Error where the item is no order */
export function orderOf(item: Item): Order {
  const { placedAt, coupon, ...draft } = draftSchema.parse(JSON.parse(textOf(item['draft'])));
  const [paidAt, invoiceNumber, issuedAt] = [item['paidAt'], item['invoiceNumber'], item['issuedAt']].map(numberOf);
  const paymentId = item['paymentId'] === undefined ? undefined : textOf(item['paymentId']);
  return {
    ...draft,
    coupon,
    placedAt: new Date(placedAt),
    id: numberOf(item['id']) ?? 0,
    status: statusSchema.parse(textOf(item['status'])),
    payment: paymentId === undefined || paidAt === undefined ? undefined : { id: paymentId, paidAt: new Date(paidAt) },
    invoice:
      invoiceNumber === undefined || issuedAt === undefined
        ? undefined
        : { number: invoiceNumber, issuedAt: new Date(issuedAt) },
  };
}

/** @throws Error where the attribute is missing or no text */
export function textOf(value: AttributeValue | undefined): string {
  if (value !== undefined && 'S' in value) return value.S;
  throw new Error(`an attribute is ${JSON.stringify(value)}, allowed: a text`);
}

/** `undefined` where there is none. */
export function numberOf(value: AttributeValue | undefined): number | undefined {
  return value !== undefined && 'N' in value ? Number(value.N) : undefined;
}
