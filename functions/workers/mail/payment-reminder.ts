/** Reminds the customer of an order that is still not paid; of any other it says nothing. */
import { knownOrder } from '../../../shared/shop/known-order.ts';
import { paymentReminderMail } from '../../../shared/shop/mail.ts';
import { paymentReminder } from '../../../shared/shop/tasks.ts';
import { mail } from './worker.ts';

export default mail.handle(paymentReminder, async ({ store, mailer, request }, { orderId }) => {
  const order = await knownOrder(store, orderId);
  if (order.status !== 'pending') return 0;
  return mailer.send(paymentReminderMail(order, request.eta ?? order.placedAt), request.id);
});
