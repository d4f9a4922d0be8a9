/** A worker that stores its result, sends a child and publishes to an exchange. */
import { task, topology, worker } from 'cellar';
import { lambdaWorker } from 'cellar/lambda';
import * as z from 'zod/mini';

const count = task('stock.count', { params: { sku: z.string() }, returns: z.int(), queue: 'stock' });
const counted = task('stock.counted', { params: { sku: z.string(), bottles: z.int() }, returns: z.int() });

const stock = worker({ queue: 'stock' });
const countHandler = stock.handle(count, async (context, { sku }) => {
  context.send(count({ sku }), { countdown: 3600 });
  context.publish('stock.events', `stock.counted.${sku}`, counted({ sku, bottles: sku.length }));
  return sku.length;
});

const stockTopology = topology({
  exchanges: { 'stock.events': { type: 'topic' } },
  queues: { stock: {}, reports: {} },
  bindings: [{ exchange: 'stock.events', queue: 'reports', key: 'stock.counted.#' }],
});

export const handler = lambdaWorker({ topology: stockTopology, handlers: [countHandler] });
