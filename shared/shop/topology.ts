/** The shop's exchanges, queues, bindings and schedules: run time and deploy time read the same value. */
import { crontab, topology } from 'cellar';
import { dailySales } from './tasks.ts';
import { SHOP_TIME_ZONE } from './time-zone.ts';

/** Where the shop tells what happened. */
export const SHOP_EVENTS = 'shop.events';

/** Routing key of a payment. */
export const ORDER_PAID = 'order.paid';

export const shopTopology = topology({
  exchanges: { [SHOP_EVENTS]: { type: 'topic' } },
  queues: { mail: {}, invoices: {}, recommender: {}, reports: {} },
  bindings: ['mail', 'invoices', 'recommender'].map((queue) => ({
    exchange: SHOP_EVENTS,
    queue,
    key: `${ORDER_PAID}.#`,
  })),
  schedules: {
    'daily-sales': {
      schedule: crontab({ hour: 6, minute: 0, timeZone: SHOP_TIME_ZONE }),
      task: dailySales({}),
    },
  },
});
