/** The mails that customers get: plain data, whatever sends them. */
import { type Order, orderNumber } from './order.ts';

export interface Attachment {
  readonly filename: string;
  readonly contentType: string;
  readonly content: Uint8Array;
}

export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  /** When what it tells happened: the same at every repeat. */
  readonly date: Date;
  readonly attachments: readonly Attachment[];
}

/** Confirms that an order was placed. */
export function orderCreatedMail(order: Order): Mail {
  return {
    to: order.customer.email,
    subject: `Order nr. ${order.id}`,
    text: `Dear ${order.customer.firstName},\n\nYou have successfully placed an order. Your order ID is ${order.id}.`,
    date: order.placedAt,
    attachments: [],
  };
}

/** Thanks for the payment, with the invoice attached. */
export function paymentCompletedMail(order: Order, invoicePdf: Uint8Array): Mail {
  return {
    to: order.customer.email,
    subject: `My Shop - Invoice no. ${order.id}`,
    text: 'Please, find attached the invoice for your recent purchase.',
    date: order.invoice?.issuedAt ?? order.placedAt,
    attachments: [{ filename: `order_${order.id}.pdf`, contentType: 'application/pdf', content: invoicePdf }],
  };
}

/** Reminds of an order that is not paid; `date` is when the reminder was due. */
export function paymentReminderMail(order: Order, date: Date): Mail {
  return {
    to: order.customer.email,
    subject: `Order nr. ${order.id} is waiting for your payment`,
    text: `Dear ${order.customer.firstName},\n\nYour order ${orderNumber(order)} is not paid yet. We keep the bottles for you.`,
    date,
    attachments: [],
  };
}
