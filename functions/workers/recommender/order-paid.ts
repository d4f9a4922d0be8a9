/** Raises the score of each pair of wines in the order, once for each order. */
import { knownOrder } from '../../../shared/shop/known-order.ts';
import { pairsOf } from '../../../shared/shop/recommender.ts';
import { orderPaid } from '../../../shared/shop/tasks.ts';
import { recommender } from './worker.ts';

export default recommender.handle(orderPaid, async ({ store }, { orderId }) => {
  const { lines } = await knownOrder(store, orderId);
  await store.addPurchase(orderId, pairsOf(lines.map(({ wineId }) => wineId)));
  return null;
});
