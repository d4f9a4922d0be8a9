import { defineApp, topology } from 'cellar';

export const app = defineApp({
  // What a lost connection brings again was out without an outcome: so often on purpose that it must not count.
  topology: topology({ queues: { work: { maxDeliveries: 1000 } } }),
  workersFolder: new URL('./workers/', import.meta.url).href,
});
