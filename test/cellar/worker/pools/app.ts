/** The small application whose tasks the tests of the pools run in threads and processes. */
import { defineApp, topology } from '../../../../shared/cellar/index.ts';

export const app = defineApp({
  topology: topology({
    exchanges: { events: { type: 'topic' } },
    queues: { work: { visibilityTimeoutSeconds: 600, maxDeliveries: 3 }, other: { visibilityTimeoutSeconds: 600 } },
    bindings: [{ exchange: 'events', queue: 'other', key: 'sold.#' }],
  }),
  workersFolder: new URL('./workers/', import.meta.url).href,
});
