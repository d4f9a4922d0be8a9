/** Keeps the invoice of a paid order, and sends it to its customer. */
import { invoicePath } from '../../../shared/shop/file-store.ts';
import { knownOrder } from '../../../shared/shop/known-order.ts';
import { paymentCompletedMail } from '../../../shared/shop/mail.ts';
import { paymentCompleted } from '../../../shared/shop/tasks.ts';
import { mail } from './worker.ts';

export default mail.handle(paymentCompleted, async ({ store, files, mailer, request, retry }, { orderId }) => {
  const order = await knownOrder(store, orderId);
  // The invoices worker sends this task after it gave the number; another sender may be earlier than it.
  if (order.invoice === undefined) return retry({ countdown: 5, reason: `order ${orderId} has no invoice number yet` });
  // Loaded when it is needed: drawing takes a function 100 ms of its start, which other mails need not wait for.
  const { invoicePdf } = await import('../../../shared/shop/invoice-pdf.ts');
  const pdf = await invoicePdf(order);
  await files.put(invoicePath(orderId), pdf, 'application/pdf');
  await mailer.send(paymentCompletedMail(order, pdf), request.id);
  return null;
});
