/** Lines the order up for its number: all numbers are given in one message group, one after the other. */
import { issueInvoice, orderPaid } from '../../../shared/shop/tasks.ts';
import { invoices } from './worker.ts';

export default invoices.handle(orderPaid, ({ send }, { orderId }) => {
  send(issueInvoice({ orderId }), { messageGroup: 'invoices' });
  return null;
});
