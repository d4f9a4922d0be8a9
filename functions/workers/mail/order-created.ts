/** Confirms an order to its customer. */

import { knownOrder } from '../../../shared/shop/known-order.ts';
import { orderCreatedMail } from '../../../shared/shop/mail.ts';
import { orderCreated } from '../../../shared/shop/tasks.ts';
import { mail } from './worker.ts';

export default mail.handle(orderCreated, async ({ store, mailer, request }, { orderId }) =>
  mailer.send(orderCreatedMail(await knownOrder(store, orderId)), request.id),
);
