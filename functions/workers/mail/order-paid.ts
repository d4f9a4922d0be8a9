/** A paid order needs no reminder: takes it back, so that it no longer waits in the schedule. Sends no mail. */
import { reminderTaskId } from '../../../shared/shop/shop.ts';
import { orderPaid } from '../../../shared/shop/tasks.ts';
import { mail } from './worker.ts';

export default mail.handle(orderPaid, async ({ cellar }, { orderId }) => {
  await cellar.revoke(reminderTaskId(orderId));
  return null;
});
