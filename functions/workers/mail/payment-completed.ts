/** Sends the invoice of a paid order to its customer. */
import { invoicePdf } from '../../../shared/shop/invoice-pdf.ts';
import { knownOrder } from '../../../shared/shop/known-order.ts';
import { paymentCompletedMail } from '../../../shared/shop/mail.ts';
import { paymentCompleted } from '../../../shared/shop/tasks.ts';
import { mail } from './worker.ts';

export default mail.handle(paymentCompleted, async ({ store, mailer, request, retry }, { orderId }) => {
  const order = await knownOrder(store, orderId);
  // The invoices worker sends this task after it gave the number; another sender may be earlier than it.
  if (order.invoice === undefined) return retry({ countdown: 5, reason: `order ${orderId} has no invoice number yet` });
  await mailer.send(paymentCompletedMail(order, await invoicePdf(order)), request.id);
  return null;
});
