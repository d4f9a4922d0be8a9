/** The wine shop as `cellar` and the local runtime find it. */
import { defineApp } from 'cellar';
import { shopTopology } from '../shared/shop/topology.ts';

export const app = defineApp({
  topology: shopTopology,
  workersFolder: new URL('./workers/', import.meta.url).href,
});
