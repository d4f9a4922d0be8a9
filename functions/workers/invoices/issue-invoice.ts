/** Gives the order its invoice number, then has the invoice mailed. A repeat finds the number that is there. */
import { orderMessageGroup } from '../../../shared/shop/shop.ts';
import { issueInvoice, paymentCompleted } from '../../../shared/shop/tasks.ts';
import { invoices } from './worker.ts';

export default invoices.handle(issueInvoice, async ({ store, send, reject }, { orderId }) => {
  const invoice = await store.issueInvoice(orderId, new Date());
  if (invoice === 'not-paid') return reject(`order ${orderId} is not paid`);
  // It may not be visible yet; the retry policy waits for it.
  if (invoice === 'unknown-order') throw new Error(`order ${orderId} is not there`);
  // Its own id: a payment that is told twice is one mail.
  send(paymentCompleted({ orderId }), {
    taskId: `payment-completed-${orderId}`,
    messageGroup: orderMessageGroup(orderId),
  });
  return invoice.number;
});
