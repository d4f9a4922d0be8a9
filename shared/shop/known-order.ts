import type { Order } from './order.ts';
import type { ShopStore } from './store.ts';

/**
 * The order of a task. One that is not there yet may come (its writer has not committed, or a read lags behind):
 * the error lets the task's retry policy wait for it.
 *
 * @throws Error where there is no such order
 */
export async function knownOrder(store: Pick<ShopStore, 'order'>, id: number): Promise<Order> {
  const order = await store.order(id);
  if (order === undefined) throw new Error(`order ${id} is not there`);
  return order;
}
