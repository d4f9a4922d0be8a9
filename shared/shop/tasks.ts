/** The shop's task contracts: names and arguments are those of Django by Example's `myshop`, so Python can send and serve them. */
import { type RetryPolicy, task } from 'cellar';
import * as z from 'zod/mini';
import { isDay } from './calendar.ts';

/** An order's id, `order_id` to Python. */
const orderId = { params: { orderId: z.int() }, wireName: { orderId: 'order_id' } } as const;

/** A mail server or a row that is not there yet: soon again, then less and less often. */
const RETRY: RetryPolicy = { maxRetries: 5, backoff: 'exponential', factor: 2, jitter: true };

/** Mails the customer that the order was placed; answers the number of mails sent. */
export const orderCreated = task('orders.tasks.order_created', {
  ...orderId,
  returns: z.int(),
  queue: 'mail',
  retry: RETRY,
});

/** Mails the customer once when the order is still not paid; answers the number of mails sent. */
export const paymentReminder = task('orders.tasks.payment_reminder', {
  ...orderId,
  returns: z.int(),
  queue: 'mail',
  retry: RETRY,
});

/** An order was paid: published to `shop.events`; each queue does its own part. */
export const orderPaid = task('orders.tasks.order_paid', { ...orderId, queue: 'invoices', retry: RETRY });

/** Gives the order the next invoice number; answers it. Sent in one message group, so that numbers have no gaps. */
export const issueInvoice = task('invoices.tasks.issue_invoice', {
  ...orderId,
  returns: z.int(),
  queue: 'invoices',
  retry: RETRY,
});

/** Mails the customer the invoice as a PDF. */
export const paymentCompleted = task('payment.tasks.payment_completed', { ...orderId, queue: 'mail', retry: RETRY });

const day = z.string().check(z.refine(isDay, 'not a day such as 2026-03-28'));

/** Writes the sales of one day of the shop's time zone (`2026-11-23`; yesterday unless given) as a CSV file. */
export const dailySales = task('reports.tasks.daily_sales', {
  params: { day: z.optional(day) },
  returns: z.object({ day, orders: z.int(), file: z.string() }),
  queue: 'reports',
  retry: RETRY,
});
